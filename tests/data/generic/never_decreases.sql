{# Along the order, within a key, a known value of each column is never followed by a smaller one or by none. #}
{% test never_decreases(model, columns, key, order) %}

select *
from (
    select
        {{ key | join(', ') }},
        {{ order }},
        {%- for column in columns %}
        {{ column }},
        lagInFrame({{ column }}) over along as earlier_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
    window along as (
        partition by {{ key | join(', ') }} order by {{ order }}
        rows between unbounded preceding and unbounded following
    )
)
where
    {%- for column in columns %}
    (earlier_{{ column }} is not null and coalesce({{ column }} < earlier_{{ column }}, true)){{ ' or' if not loop.last }}
    {%- endfor %}

{% endtest %}
