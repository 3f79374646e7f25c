{# The columns together name one row. #}
{% test unique_together(model, columns) %}

select {{ columns | join(', ') }}, count() as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having row_count > 1

{% endtest %}
