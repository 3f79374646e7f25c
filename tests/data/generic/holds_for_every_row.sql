{# The expression holds for every row; where it is NULL (something is unknown) it holds. #}
{% test holds_for_every_row(model, expression) %}

select *
from {{ model }}
where not ({{ expression }})

{% endtest %}
