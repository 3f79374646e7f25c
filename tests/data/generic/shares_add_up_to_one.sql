{# Within the columns the shares are positive and add up to 1. #}
{% test shares_add_up_to_one(model, share, within) %}

select {{ within | join(', ') }}, sum({{ share }}) as total, min({{ share }}) as least
from {{ model }}
group by {{ within | join(', ') }}
having not (abs(total - 1) < 1e-9 and least > 0)

{% endtest %}
