{#- Of a group of candidate rows (precedence, source) the field's value from the best source that knows it: columns
    <field>_source, <field>_sample_size and best_<field>. A sample that is known to be smaller than var
    audience_min_sample does not count; a source without counts (percentages of the platform, a guess) does. -#}
{% macro best_sample(field, value, is_known) -%}
    argMinIf(
        tuple(source, {{ field }}_sample_size, {{ value }}),
        precedence,
        {{ is_known }} and ifNull({{ field }}_sample_size >= {{ var('audience_min_sample') }}, true)
    ) as chosen_{{ field }},
    nullIf(chosen_{{ field }}.1, '') as {{ field }}_source,
    chosen_{{ field }}.2 as best_{{ field }}_sample_size,
    chosen_{{ field }}.3 as best_{{ field }}
{%- endmacro %}
