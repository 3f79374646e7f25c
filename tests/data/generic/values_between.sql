{# Every known value of the column lies within [at_least, at_most]; a bound not given does not bind. NaN fails. #}
{% test values_between(model, column_name, at_least=none, at_most=none) %}

select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and not (
        {{ column_name }} >= {{ at_least if at_least is not none else '-inf' }}
        and {{ column_name }} <= {{ at_most if at_most is not none else 'inf' }}
    )

{% endtest %}
