{#- A text (plain_text) without hashtags, mentions and addresses of e-mail. -#}
{% macro without_tags(text) -%}
replaceRegexpAll(
    {{ text }},
    '[a-z0-9._%+-]+@[a-z0-9-]+\\.[a-z0-9.-]+|[@＠][a-z0-9._]+|[#＃﹟][\\pL\\pM\\pN_\\x{200C}\\x{200D}\\x{00B7}\\x{30FB}]*',
    ' '
)
{%- endmacro %}
