"""Our parameters in TFX's own components."""

from pathlib import Path

import pytest
from data_chain import DataChain
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.compiler.compiler import Compiler

from seq2seq_tfx.components.stock import add_parameters


def test_compiled_nodes_have_settings_and_code_version_when_components_are_stock(tmp_path: Path) -> None:
    chain = DataChain(tmp_path)
    chain.write_corpora()
    chain.code_versions = {stage: f"version of {stage}" for stage in chain.code_versions}
    compiled = Compiler().compile(chain.pipeline())
    for node in compiled.nodes:
        name, parameters = node.pipeline_node.node_info.id, node.pipeline_node.parameters.parameters
        assert parameters["code_version"].field_value.string_value == f"version of {name}"
        assert parameters["settings"].field_value.string_value.startswith("{")


def test_compiled_schema_node_names_no_folder_of_the_installation(tmp_path: Path) -> None:
    chain = DataChain(tmp_path)
    chain.write_corpora()
    (node,) = [
        each for each in Compiler().compile(chain.pipeline()).nodes if each.pipeline_node.node_info.id == "schema"
    ]
    assert node.pipeline_node.parameters.parameters["schema_file"].field_value.string_value == "parallel_corpus.pbtxt"


def test_parameter_is_refused_when_the_component_has_it_already() -> None:
    with pytest.raises(ValueError, match="ImportSchemaGen has schema_file already"):
        add_parameters(ImportSchemaGen(schema_file="x"), schema_file="y")
