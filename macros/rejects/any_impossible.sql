{#- One of the columns of the row holds what its cleaner cannot take: `cleaner` is clean_count, clean_measure or
    clean_time. -#}
{% macro any_impossible(cleaner, columns, known_at=none) -%}
    ({% for column in columns %}{{ ' or ' if not loop.first -}}
    (feed.{{ column }} is not null and {{
        cleaner('feed.' ~ column, known_at=known_at) if known_at else cleaner('feed.' ~ column)
    }} is null){% endfor %})
{%- endmacro %}
