"""TFX's own components with parameters of ours, so that their cache key knows our settings and code."""

from tfx.dsl.components.base.base_component import BaseComponent


def add_parameters(component: BaseComponent, **parameters: str) -> None:
    """Give a stock component execution properties that its specification does not declare.

    A stock component builds its `ComponentSpec` inside its constructor, so a wider one cannot be passed in. TFX
    compiles whatever `exec_properties` holds into the node's parameters; those are hashed into the cache key, recorded
    in ML Metadata and handed to the executor, which ignores those that it does not know.

    Args:
        component: Just constructed, not yet part of a pipeline.
        parameters: `code_version`, `settings`, ...

    Raises:
        ValueError: If the component has a parameter of that name already.
    """
    taken = sorted(parameters.keys() & component.spec.exec_properties.keys())
    if taken:
        raise ValueError(
            f"parameters must have new names, but {type(component).__name__} has {', '.join(taken)} already"
        )
    component.spec.exec_properties.update(parameters)
