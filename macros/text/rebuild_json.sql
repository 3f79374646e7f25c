{#- What mend_json makes of a document that is no JSON, from its tokens. An array of one, so that the tokens need a name
    inside a lambda only: a query may mend several documents. -#}
{% macro rebuild_json(document) -%}
    arrayMap(
        tokens -> arrayStringConcat(arrayMap(
            (token, next, depth) -> multiIf(
                depth > 64 or (token = ',' and next in ('}', ']')), '',
                token in ('{', '}', '[', ']', ',', ':') or isValidJSON(concat('[', token, ']')), token,
                startsWith(token, '"') or not isValidJSON(concat('["', token, '"]')), '""',
                concat('"', token, '"')
            ),
            tokens,
            arrayPopFront(arrayPushBack(tokens, '')),
            arrayMap(
                (opened, token) -> opened + (token in ('}', ']')),
                arrayCumSum(token -> (token in ('{', '[')) - (token in ('}', ']')), tokens),
                tokens
            )
        )),
        [extractAll(
            if(
                match({{ document }}, '^(\xEF\xBB\xBF)?\\s*[{\\[]'),
                replaceOne({{ document }}, '\xEF\xBB\xBF', ''),
                ''
            ),
            '"(?:[^"\\\\]|\\\\.)*"|[{}\\[\\],:]|[^\\s"{}\\[\\],:]+'
        )]
    )[1]
{%- endmacro %}
