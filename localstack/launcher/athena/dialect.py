"""A statement of Athena, read as Trino SQL and written as DuckDB SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types

from launcher.athena import functions
from launcher.athena.failure import QueryFailure

# Athena's name of the Glue catalogue, which may stand before a database.
_CATALOG = "awsdatacatalog"


@dataclass(frozen=True)
class TableName:
    """A table of the catalogue."""

    database: str
    table: str


@dataclass(frozen=True)
class Statement:
    """A statement ready to run."""

    tree: exp.Expression
    tables: frozenset[TableName]

    @property
    def duckdb(self) -> str:
        """Its text in DuckDB's dialect."""
        rewritten = annotate_types(self.tree.copy(), dialect="athena").transform(functions.rewrite)
        for node in rewritten.walk():
            # The types have served; left in place they would add casts of sqlglot's own.
            node.type = None
        return str(rewritten.sql(dialect="duckdb", unsupported_level=ErrorLevel.IGNORE))

    @property
    def column_names(self) -> list[str] | None:
        """The names of the result's columns, or None where a star leaves them to the engine."""
        query = self.tree
        while isinstance(query, (exp.SetOperation, exp.Subquery)):
            query = query.this
        if not isinstance(query, exp.Select) or any(_is_star(item) for item in query.expressions):
            return None
        return [_column_name(item) or f"_col{place}" for place, item in enumerate(query.expressions)]


def read(sql: str, database: str) -> Statement:
    """Reads one query."""
    tree = parse_one(sql)
    if not isinstance(tree, exp.Query):
        raise QueryFailure(f"NOT_SUPPORTED: the local cloud does not run {_first_word(sql)} statements")
    return statement(tree, database)


def statement(tree: exp.Query, database: str) -> Statement:
    """A query with its tables found; the tree is changed."""
    return Statement(tree, frozenset(_resolve_tables(tree, database)))


def parse_one(sql: str) -> exp.Expression:
    """Reads one statement; what is not Trino SQL fails as Athena's SYNTAX_ERROR."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="athena") if tree is not None]
    except ParseError as error:
        raise QueryFailure(_syntax_error(error)) from error
    except SqlglotError as error:
        raise QueryFailure(f"SYNTAX_ERROR: {_first_line(str(error))}") from error
    if len(trees) != 1:
        raise QueryFailure("SYNTAX_ERROR: Only one sql statement is allowed")
    return trees[0]


def _resolve_tables(tree: exp.Expression, database: str) -> set[TableName]:
    """The catalogue tables that are named, each of them now written as "database"."table"."""
    common = {item.alias_or_name.lower() for item in tree.find_all(exp.CTE)}
    found: set[TableName] = set()
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name.lower() in common):
            continue
        if table.catalog and table.catalog.lower() != _CATALOG:
            raise QueryFailure(f"CATALOG_NOT_FOUND: Catalog '{table.catalog}' does not exist")
        name = TableName((table.db or database).lower(), table.name.lower())
        found.add(name)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(name.table, quoted=True)))
        table.set("catalog", None)
        table.set("db", exp.to_identifier(name.database, quoted=True))
        table.set("this", exp.to_identifier(name.table, quoted=True))
    for column in tree.find_all(exp.Column):
        # The alias above makes "database"."table"."column" unknown; the table alone is enough.
        if column.args.get("db"):
            column.set("catalog", None)
            column.set("db", None)
    return found


def _column_name(item: exp.Expression) -> str:
    """The name that a column has of itself; an expression has none."""
    return item.alias_or_name if isinstance(item, (exp.Alias, exp.Column, exp.Dot)) else ""


def _is_star(item: exp.Expression) -> bool:
    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))


def _syntax_error(error: ParseError) -> str:
    if not error.errors:
        return f"SYNTAX_ERROR: {_first_line(str(error))}"
    first = error.errors[0]
    token = first.get("highlight") or ""
    return (f"SYNTAX_ERROR: line {first.get('line')}:{first.get('col')}: "
            f"mismatched input '{token}'. {first.get('description')}")


def _first_line(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()[0]


def _first_word(sql: str) -> str:
    words: tuple[str, ...] = tuple(sql.split())
    return words[0].upper() if words else "empty"
