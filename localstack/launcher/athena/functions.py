"""Functions of Trino that neither DuckDB nor sqlglot's translation has."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

# Made in every session; plain rewritings of one expression.
MACROS = (
    "at_timezone(moment, zone) AS timezone('UTC', timezone('UTC', moment))",
    "with_timezone(moment, zone) AS timezone(zone, moment)",
    "codepoint(letter) AS unicode(letter)",
    "every(condition) AS bool_and(condition)",
    "map_agg(key, value) AS map(list(key) FILTER (key IS NOT NULL), list(value) FILTER (key IS NOT NULL))",
    "to_iso8601(moment) AS CASE typeof(moment) WHEN 'DATE' THEN strftime(moment, '%Y-%m-%d') "
    "WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ') "
    "ELSE strftime(moment, '%Y-%m-%dT%H:%M:%S.%g') END",
    "json_size(document, path) AS CASE json_type(document, path) WHEN 'ARRAY' THEN json_array_length(document, path) "
    "WHEN 'OBJECT' THEN len(json_keys(document, path)) ELSE 0 END",
    "json_array_get(document, place) AS json_extract(document, '$[' || place || ']')",
    "url_extract_protocol(url) AS nullif(regexp_extract(url, '^([^:/?#]+):', 1), '')",
    "url_extract_host(url) AS regexp_extract(url, '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)', 1)",
    "url_extract_path(url) AS regexp_extract(url, '^(?:[^:/?#]+:)?(?://[^/?#]*)?([^?#]*)', 1)",
    "url_extract_query(url) AS regexp_extract(url, '[?]([^#]*)', 1)",
    # Trino answers null where DuckDB fails on text that is not JSON, and for anything but a scalar.
    "athena_json(document, path) AS CASE WHEN json_valid(document) THEN json_extract(document, path) END",
    "athena_json_scalar(document, path) AS CASE WHEN json_valid(document) AND "
    "json_type(document, path) NOT IN ('ARRAY', 'OBJECT', 'NULL') THEN json_extract_string(document, path) END",
)

# Patterns of Joda, longest first, in the words of strftime.
_JODA = (
    ("yyyy", "%Y"), ("YYYY", "%Y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("M", "%-m"),
    ("dd", "%d"), ("d", "%-d"), ("DDD", "%j"), ("EEEE", "%A"), ("EEE", "%a"), ("E", "%a"), ("HH", "%H"),
    ("H", "%-H"), ("hh", "%I"), ("h", "%-I"), ("mm", "%M"), ("m", "%-M"), ("ss", "%S"), ("s", "%-S"),
    ("SSSSSS", "%f"), ("SSS", "%g"), ("a", "%p"), ("ZZ", "%z"), ("Z", "%z"), ("y", "%Y"),
)


def strftime_pattern(joda: str) -> str:
    """The strftime pattern that says what a Joda pattern says."""
    written, position = "", 0
    while position < len(joda):
        if joda[position] == "'":
            end = joda.find("'", position + 1)
            end = len(joda) if end < 0 else end
            written += joda[position + 1:end].replace("%", "%%") or "'"
            position = end + 1
            continue
        for letters, directive in sorted(_JODA, key=lambda pair: -len(pair[0])):
            if joda.startswith(letters, position):
                written += directive
                position += len(letters)
                break
        else:
            written += joda[position].replace("%", "%%")
            position += 1
    return written


def rewrite(node: exp.Expression) -> exp.Expression:
    """One node of the tree, replaced where Trino's meaning has another form."""
    if isinstance(node, exp.JSONExtractScalar):
        return _json("athena_json_scalar", node)
    if isinstance(node, exp.JSONExtract):
        return _json("athena_json", node)
    if isinstance(node, exp.Unnest):
        return _unnest_map(node)
    if isinstance(node, (exp.Add, exp.Sub, exp.DateAdd, exp.DateSub)) and _stays_date(node):
        # In DuckDB a date and an interval make a timestamp.
        return exp.cast(node.copy(), "DATE")
    if isinstance(node, exp.Func):
        change = _CALLS.get(node.name.upper() if isinstance(node, exp.Anonymous) else node.sql_name())
        return change(node) if change else node
    return node


def _stays_date(node: exp.Expression) -> bool:
    """Whether days or more are added to what is seen to be a date; columns have no type here."""
    if not node.this.is_type("DATE") or (node.parent and isinstance(node.parent, exp.Cast)):
        return False
    unit = node.args.get("unit") or (node.expression.args.get("unit") if isinstance(
        node.expression, exp.Interval) else None)
    return unit is not None and unit.name.upper() in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def _json(macro: str, node: exp.Binary) -> exp.Expression:
    path = node.expression
    if isinstance(path, exp.JSONPath):
        path = exp.Literal.string(path.sql("duckdb").strip("'").replace("''", "'"))
    return exp.Anonymous(this=macro, expressions=[node.this, path])


def _arguments(node: exp.Func) -> list[exp.Expression]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return list(node.iter_expressions())


def _format_datetime(node: exp.Func) -> exp.Expression:
    moment, pattern = _arguments(node)[:2]
    return exp.Anonymous(this="strftime", expressions=[moment, _pattern(pattern)])


def _parse_datetime(node: exp.Func) -> exp.Expression:
    text, pattern = _arguments(node)[:2]
    parsed = exp.Anonymous(this="strptime", expressions=[text, _pattern(pattern)])
    return exp.Anonymous(this="timezone", expressions=[exp.Literal.string("UTC"), parsed])


def _pattern(node: exp.Expression) -> exp.Expression:
    return exp.Literal.string(strftime_pattern(node.name)) if node.is_string else node


def _renamed(name: str) -> Callable[[exp.Func], exp.Expression]:
    return lambda node: exp.Anonymous(this=name, expressions=_arguments(node))


def _matches(template: str) -> Callable[[exp.Func], exp.Expression]:
    def change(node: exp.Func) -> exp.Expression:
        array, condition = _arguments(node)
        kept = exp.Anonymous(this="len", expressions=[
            exp.Anonymous(this="list_filter", expressions=[array.copy(), condition])])
        whole = exp.Anonymous(this="len", expressions=[array.copy()])
        zero = exp.Literal.number(0)
        return {"any": exp.GT(this=kept, expression=zero), "none": exp.EQ(this=kept, expression=zero),
                "all": exp.EQ(this=kept, expression=whole)}[template]

    return change


_CALLS: dict[str, Callable[[exp.Func], exp.Expression]] = {
    "ALL_MATCH": _matches("all"),
    "ANY_MATCH": _matches("any"),
    "FORMAT": _renamed("printf"),
    "FORMAT_DATETIME": _format_datetime,
    "HAMMING_DISTANCE": _renamed("hamming"),
    "NONE_MATCH": _matches("none"),
    "PARSE_DATETIME": _parse_datetime,
}


def _unnest_map(node: exp.Unnest) -> exp.Expression:
    """UNNEST of one map into two columns, which in DuckDB takes one list each."""
    alias = node.args.get("alias")
    columns = alias.columns if alias else []
    if len(node.expressions) != 1 or len(columns) != 2 or node.args.get("offset"):
        return node
    source = node.expressions[0]
    selected = exp.select(
        *(exp.alias_(exp.Anonymous(this="unnest", expressions=[
            exp.Anonymous(this=part, expressions=[source.copy()])]), column.name)
          for part, column in zip(("map_keys", "map_values"), columns, strict=True)))
    return exp.Lateral(this=exp.Subquery(this=selected), alias=exp.TableAlias(this=alias.this))
