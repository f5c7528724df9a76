"""Keys within addresses are hidden; what is no key stays."""

import pytest

from seq2seq_tfx.schemas.redaction import redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://key:secret@bucket/a", "s3://***@bucket/a"),
        ("s3://key:sec/ret+a==@bucket/a?region=eu", "s3://***@bucket/a?region=eu"),
        ("s3://key@bucket", "s3://***@bucket"),
        ("s3://key:sec/ret", "s3://***"),
        ("key:secret@bucket/a", "***@bucket/a"),
        ("push.destination=s3://key:secret@bucket", "push.destination=s3://***@bucket"),
        ("no such bucket: 's3://key:secret@bucket/a'", "no such bucket: 's3://***@bucket/a'"),
        (
            "s3://bucket?access_key=a&Secret_Key=b/c&region=eu",
            "s3://bucket?access_key=***&Secret_Key=***&region=eu",
        ),
    ],
)
def test_keys_are_hidden(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/models",
        "s3://127.0.0.1:5000/a?scheme=http&endpoint_override=127.0.0.1:5000",
        "a: b",
        "C:\\pairs.tsv",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redacted(text) == text
