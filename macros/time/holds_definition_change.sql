{#- Whether a platform began to count something else as a view within the period that starts on a day, by seed
    metric_definition. The period's views and changes then hold two different counts. Platform ALL is either. -#}
{% macro holds_definition_change(platform, day, grain) -%}
    toBool({{ day }} in (
        select {{ 'toStartOfMonth(from_date)' if grain == 'month' else 'toStartOfWeek(from_date, 0)' }}
        from {{ ref('metric_definition') }}
        where
            metric = 'views'
            {%- if platform != 'ALL' %}
            and platform = '{{ platform }}'
            {%- endif %}
    ))
{%- endmacro %}
