{#- Whether a row had come by the run's moment; `column` is its time of ingestion, never NULL. The one place that
    decides it, so that a past day can be built again (docs/decisions/0017-the-past-can-be-rebuilt.md). A view outlives
    the run that made it and would go on to hide what comes later: it asks only where a moment was given. -#}
{% macro ingested_until(column) -%}
    {%- if model is defined and model.config.materialized == 'view' and not given_moment() -%}
        true
    {%- else -%}
        {{ column }} <= {{ as_of() }}
    {%- endif -%}
{%- endmacro %}
