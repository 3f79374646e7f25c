{#- An id of a platform without blanks around it, NULL when it does not have the shape that the platform gives it:
    kind is profile (Instagram), channel (YouTube) or post (shortcode of either). -#}
{% macro clean_id(column, kind) -%}
    {%- set shape = {
        'profile': '^[0-9]{1,20}$',
        'channel': '^UC[0-9A-Za-z_-]{22}$',
        'post': '^[0-9A-Za-z_-]{1,64}$',
    }[kind] -%}
    if(match(trimBoth({{ column }}), '{{ shape }}'), trimBoth({{ column }}), null)
{%- endmacro %}
