{#- A text with HTML's character references decoded twice, for feeds encode them twice, also those that HTML reads
    without their semicolon: numbers (U+FFFD where Unicode has no such), and its 106 old names where no ASCII letter,
    digit, underscore or = follows (as in an attribute: `&copy=2` of a link is none). A name that HTML does not have
    stays as it is. -#}
{% macro decode_html(text) -%}
{%- set too_great = '&#(?:0*(?:[1-9][0-9]{7,}|[2-9][0-9]{6}|1[2-9][0-9]{5}|11[2-9][0-9]{4}|111[5-9][0-9]{3}'
    ~ '|1114[2-9][0-9]{2}|11141[2-9][0-9]|111411[2-9])|[xX]0*(?:[1-9a-fA-F][0-9a-fA-F]{6,}|[2-9a-fA-F][0-9a-fA-F]{5}'
    ~ '|1[1-9a-fA-F][0-9a-fA-F]{4}));?' -%}
{%- set old_name = '&([aeiouyAEIOUY]acute|[aeiouAEIOU](?:circ|grave)|[aeiouyAEIOU]uml|[anoANO]tilde|[aA]ring'
    ~ '|aelig|AElig|[cC]cedil|[oO]slash|szlig|eth|ETH|thorn|THORN|amp|AMP|copy|COPY|gt|GT|lt|LT|quot|QUOT|reg|REG|acute'
    ~ '|brvbar|cedil|cent|curren|deg|divide|frac12|frac14|frac34|iexcl|iquest|laquo|raquo|macr|micro|middot|nbsp|not|ordf'
    ~ '|ordm|para|plusmn|pound|sect|shy|sup[123]|times|uml|yen)([^0-9A-Za-z_=;]|$)' -%}
{%- set valid = "replaceRegexpAll(toValidUTF8(given), '" ~ too_great ~ "', '\uFFFD')" -%}
{%- set numbered = 'replaceRegexpAll(replaceRegexpAll(' ~ valid ~ ", '&#0*([0-9]+);?', '&#\\\\1;'), "
    ~ "'&#[xX]0*([0-9a-fA-F]+);?', '&#x\\\\1;')" -%}
{#- Names twice, because what follows one may be the & of the next. -#}
arrayFold(
    (given, _) -> decodeHTMLComponent(
        replaceRegexpAll(replaceRegexpAll({{ numbered }}, '{{ old_name }}', '&\\1;\\2'), '{{ old_name }}', '&\\1;\\2')
    ),
    [1, 2], {{ text }}
)
{%- endmacro %}
