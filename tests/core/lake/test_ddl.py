"""The statements for BigQuery, Athena and Spark: each is read back by a parser, and says what the
schema says.
"""

import re
from datetime import date

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from transforms.core.lake.schema.columns import A_ROW_IS, columns_markdown, type_name
from transforms.core.lake.schema.ddl import DIALECTS, Target, ddl, quoted
from transforms.core.lake.schema.schema import (
    STRING,
    Folder,
    Table,
    column,
    make_table,
    required,
    strings,
)
from transforms.core.lake.schema.tables import STAMPED, TABLES

LOCATIONS = {"bigquery": "gs://b/lake", "athena": "s3://b/lake/", "spark": "/srv/lake"}
GENERAL = {
    "bigquery": {"INT64": "int", "FLOAT64": "float", "STRING": "string", "BOOL": "bool"},
    "athena": {
        "SMALLINT": "int16",
        "INT": "int32",
        "BIGINT": "int64",
        "FLOAT": "float",
        "DOUBLE": "double",
    },
}
GENERAL["spark"] = GENERAL["athena"] = GENERAL["athena"] | {"STRING": "string", "BOOLEAN": "bool"}
COARSE = {"int16": "int", "int32": "int", "int64": "int", "double": "float"}
BOTH = [(dialect, table) for dialect in DIALECTS for table in TABLES]


def statements(dialect: str, table: Table) -> list[str]:
    return [
        s
        for s in DIALECTS[dialect](table, Target(LOCATIONS[dialect], "proj.news")).split(";\n")
        if s.strip()
    ]


def parsed(dialect: str, table: Table) -> tuple[exp.Create, dict[str, str]]:
    """Return the statement's tree, and its partition columns.

    Sqlglot does not know BigQuery's clause for these.
    """
    text, *_ = statements(dialect, table)
    partition: dict[str, str] = {}
    if dialect == "bigquery":
        text, found = re.subn(r"\nWITH PARTITION COLUMNS \(`\w+` \w+\)\n", "\n", text)
        assert found == 1
        partition = dict(
            re.findall(r"WITH PARTITION COLUMNS \(`(\w+)` (\w+)\)", statements(dialect, table)[0])
        )
    tree = sqlglot.parse_one(text, dialect=dialect)
    assert isinstance(tree, exp.Create)
    for clause in tree.find_all(exp.PartitionedByProperty):
        for c in clause.find_all(exp.ColumnDef):
            partition[c.name] = kind_name(c.kind, dialect) if c.kind else ""
    return tree, partition


def columns(tree: exp.Create) -> dict[str, exp.ColumnDef]:
    assert isinstance(tree.this, exp.Schema)
    return {c.name: c for c in tree.this.expressions if isinstance(c, exp.ColumnDef)}


def kind_name(kind: exp.DataType, dialect: str) -> str:
    """Return a parsed type in the words of `type_name`."""
    if kind.is_type("array"):
        return f"list<{kind_name(kind.expressions[0], dialect)}>"
    if kind.is_type("struct"):
        fields = (f"{f.name}: {kind_name(f.args['kind'], dialect)}" for f in kind.expressions)
        return f"struct<{', '.join(fields)}>"
    name = kind.sql("hive" if dialect == "athena" else dialect).upper()
    return GENERAL[dialect].get(
        name, {"DATE": "date", "TIMESTAMP": "timestamp[us, UTC]"}.get(name, name)
    )


def expected(kind: pa.DataType, dialect: str) -> str:
    name = type_name(kind)
    for fine, coarse in COARSE.items() if dialect == "bigquery" else ():
        name = re.sub(rf"\b{fine}\b", coarse, name)
    return name


def comment_of(c: exp.ColumnDef, dialect: str) -> str:
    if dialect == "bigquery":
        found = [p.args["value"].name for p in c.find_all(exp.Property) if p.name == "description"]
    else:
        found = [k.this.name for k in c.find_all(exp.CommentColumnConstraint)]
    (text,) = found
    return str(text)


@pytest.mark.parametrize(("dialect", "name"), BOTH)
def test_a_parser_finds_the_columns_of_the_schema(dialect: str, name: str) -> None:
    table = TABLES[name]
    tree, partition = parsed(dialect, table)
    found = columns(tree)
    own = {n: c for n, c in found.items() if n != table.folder.kind}
    assert list(own) == table.schema.names
    for field in table.schema:
        kind = own[field.name].kind
        assert kind is not None
        assert kind_name(kind, dialect) == expected(field.type, dialect), field.name
        assert comment_of(own[field.name], dialect) == field.metadata[b"description"].decode()
        if dialect != "athena":
            never_null = any(
                isinstance(k.kind, exp.NotNullColumnConstraint) for k in own[field.name].constraints
            )
            lists = dialect == "spark" or not pa.types.is_list(field.type)
            assert never_null == (not field.nullable and lists), field.name
    if dialect == "spark":
        assert list(found)[-1] == table.folder.kind
        partition = {table.folder.kind: kind_name(found[table.folder.kind].args["kind"], dialect)}
    text = "STRING" if dialect == "bigquery" else "string"
    days = {"bigquery": "DATE", "athena": "string", "spark": "date"}[dialect]
    assert {k: v.lower() for k, v in partition.items()} == {
        table.folder.kind: (days if table.folder.kind == "day" else text).lower()
    }


@pytest.mark.parametrize(("dialect", "name"), BOTH)
def test_it_names_the_table_its_folder_and_what_a_row_is(dialect: str, name: str) -> None:
    text = ";\n".join(statements(dialect, TABLES[name]))
    assert f"`proj`.`news`.`{name}`" in text
    folder = {
        "bigquery": f"uris = ['gs://b/lake/{name}/*']",
        "athena": f"LOCATION 's3://b/lake/{name}/'",
        "spark": f"LOCATION '/srv/lake/{name}'",
    }
    assert folder[dialect] in text
    assert quoted(f"A row is {A_ROW_IS[name]}") in text


def test_bigquery_ddl_has_the_options_for_folders_and_lists() -> None:
    (text,) = statements("bigquery", TABLES["articles"])
    assert "hive_partition_uri_prefix = 'gs://b/lake/articles'" in text
    assert "enable_list_inference = TRUE" in text


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        (
            "articles",
            {"day.type": "date", "day.format": "yyyy-MM-dd", "day.range": "2015-02-03,NOW+2DAYS"},
        ),
        ("sightings", {"bucket.type": "enum", "bucket.values": "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f"}),
        ("feeds", {"all.type": "enum", "all.values": "0"}),
    ],
)
def test_athena_works_out_partitions_by_itself(name: str, properties: dict[str, str]) -> None:
    tree = sqlglot.parse_one(
        ddl("athena", Target("s3://b/lake", since=date(2015, 2, 3)), [TABLES[name]]),
        dialect="athena",
    )
    found = {
        p.name: p.args["value"].name
        for p in tree.find_all(exp.Property)
        if p.name.startswith("projection")
    }
    assert found == {
        "projection.enabled": "true",
        **{f"projection.{k}": v for k, v in properties.items()},
    }


def test_glue_takes_the_comments() -> None:
    assert all(len(f.metadata[b"description"]) <= 255 for t in TABLES.values() for f in t.schema)
    assert all(len(f"A row is {text}") <= 255 for text in A_ROW_IS.values())


def test_spark_ddl_recovers_partitions() -> None:
    assert statements("spark", TABLES["runs"])[1] == "MSCK REPAIR TABLE `proj`.`news`.`runs`"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_words_that_end_a_literal_do_not(dialect: str) -> None:
    kind_name = "it's a \\ and a 'quote', \"two\" lines\nlong; `ticks` -- end"
    odd = make_table(
        "runs", (required("end", STRING, kind_name), column("all", STRING, "b")), key=("end",), folder=Folder("day", "end"),
        sort=("end",),
    )  # fmt: skip
    tree, _ = parsed(dialect, odd)
    assert comment_of(columns(tree)["end"], dialect) == kind_name


def test_all_tables_say_what_a_row_is() -> None:
    assert A_ROW_IS.keys() == TABLES.keys()


def test_the_page_of_columns_has_each_column_once() -> None:
    table = make_table(
        "runs", (required("id", STRING, "a|b"), strings("names", "who")), key=("id",), folder=Folder("bucket", "id"),
        sort=("id",),
    )  # fmt: skip
    assert columns_markdown([table]).splitlines()[-3:] == [
        "| --- | --- | --- |",
        "| `id` * | string | a\\|b |",
        "| `names` * | list&lt;string> | who |",
    ]
    page = columns_markdown()
    assert page.count("\n| `") == sum(len(t.schema.names) for t in TABLES.values())
    assert "`actor` * | list&lt;struct&lt;text: string, name: string, country: string" in page


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_view_of_changes_is_over_all_tables_that_tell_when_rows_changed(dialect: str) -> None:
    to = Target(LOCATIONS[dialect], "news")
    text = ddl(dialect, to, TABLES.values()).rpartition("CREATE OR REPLACE VIEW")[2]
    tree = sqlglot.parse_one(f"CREATE OR REPLACE VIEW{text}".rstrip(";\n"), dialect=dialect)
    assert isinstance(tree, exp.Create)
    named = [f"{table.db}.{table.name}" for table in tree.find_all(exp.Table)]
    expected = ["changes", *(table.name for table in STAMPED), "deleted_rows"]
    assert sorted(named) == sorted(f"news.{name}" for name in expected)
    assert "VIEW" not in ddl(dialect, to, [TABLES["events"]])
