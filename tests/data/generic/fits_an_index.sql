{# No text of the columns, which are a key or an index of a published table, is longer than 255 bytes: a row of an index
   in PostgreSQL takes 2,704. Of a list each text. #}
{% test fits_an_index(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}arrayExists(text -> coalesce(length(text), 0) > 255, arrayFlatten([{{ column }}]))
    {%- endfor %}

{% endtest %}
