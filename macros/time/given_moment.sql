{#- The moment that was asked for, as text: var as_of, else STIR_AS_OF; empty where none was, and now is meant. -#}
{% macro given_moment() -%}
    {#- Only a running model asks the environment: another value at parse time would parse everything again. -#}
    {{- (var('as_of', none) or (env_var('STIR_AS_OF', '') if execute else '')) | string | trim -}}
{%- endmacro %}
