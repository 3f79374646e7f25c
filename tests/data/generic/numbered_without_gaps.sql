{# Within each group of the columns `within`, the known values of the column are 1 to n, each once. #}
{% test numbered_without_gaps(model, column_name, within=[]) %}

select
    {% for column in within %}{{ column }}, {% endfor %}
    count() as numbered,
    uniqExact({{ column_name }}) as different,
    max({{ column_name }}) as greatest
from {{ model }}
where {{ column_name }} is not null
{%- if within %}
group by {{ within | join(', ') }}
{%- endif %}
having different != numbered or greatest != numbered

{% endtest %}
