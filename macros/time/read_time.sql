{#- The moment that a text writes down: a date that begins with its year or names its month (ISO 8601, RFC 2822), with
    or without a time of day and an offset from UTC, or the seconds, milliseconds or microseconds since 1970. NULL for
    anything else: 05-06-2024 is in May in one country and in June in another, and a date without its year, a month 0 or an
    hour 25 is none. ClickHouse's own parser takes all of these; the year that it adds is that of the server's clock. -#}
{% macro read_time(text, scale=6) -%}
    {%- set month, day = '(0?[1-9]|1[0-2])', '(0?[1-9]|[12][0-9]|3[01])' -%}
    {%- set dates = [
        '[0-9]{4}[-/.]' ~ month ~ '[-/.]' ~ day,
        '[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])',
        '([A-Z]{3,9},? )?' ~ day ~ ' [A-Z]{3,9} [0-9]{4}',
        '[A-Z]{3,9} ' ~ day ~ ',? [0-9]{4}',
    ] -%}
    {%- set times = [
        '([01]?[0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)([.][0-9]+)?)?( ?[AP]M)?',
        '([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]',
        '24:00(:00)?',
    ] -%}
    {%- set offset = ' ?(Z|UTC|GMT|[+-](0[0-9]|1[0-4]):?([0-5][0-9])?( UTC)?)' -%}
    {%- set since_1970 = '[0-9]{10}([.][0-9]+|[0-9]{3}|[0-9]{6})?' -%}
    {#- some write the fraction of a second behind a comma, as ISO 8601 prefers -#}
    {%- set written = "replaceRegexpOne(upper(trimBoth(" ~ text ~ ")), '(:[0-9]{2}),([0-9])', '\\\\1.\\\\2')" -%}
    parseDateTime64BestEffortOrNull(
        if(
            match(
                {{ written }},
                '^(({{ dates | join('|') }})([T ]({{ times | join('|') }})({{ offset }})?)?|{{ since_1970 }})$'
            ),
            {{ written }},
            ''
        ),
        {{ scale }},
        'UTC'
    )
{%- endmacro %}
