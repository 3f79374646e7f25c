{# Of each measure, the rows of the parts add up to the row whose part is ALL; where no part is known, neither is the
   whole. Written for roll-ups whose parts cover everything. #}
{% test parts_sum_to_the_whole(model, part, measures, within) %}

select
    {%- for measure in measures %}
    sumIf({{ measure }}, {{ part }} != 'ALL') as {{ measure }}_of_parts,
    sumIf({{ measure }}, {{ part }} = 'ALL') as {{ measure }}_of_whole,
    {%- endfor %}
    {{ within | join(', ') }},
    countIf({{ part }} = 'ALL') as wholes
from {{ model }}
group by {{ within | join(', ') }}
having
    wholes != 1
    {%- for measure in measures %}
    or {{ measure }}_of_parts is distinct from {{ measure }}_of_whole
    {%- endfor %}

{% endtest %}
