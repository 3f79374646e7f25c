{# Every Map in the columns is empty or holds positive shares that add up to 1. #}
{% test shares_of_map_add_up_to_one(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    not (empty({{ column }})
        or abs(arraySum(mapValues({{ column }})) - 1) < 1e-9 and arrayMin(mapValues({{ column }})) > 0)
    {{ 'or' if not loop.last }}
    {%- endfor %}

{% endtest %}
