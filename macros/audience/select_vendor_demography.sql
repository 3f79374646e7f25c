{#- The vendor's demography of YouTube audiences, one row per channel: percentages by gender and age, without a sample
    size. A channel that stands in the file more than once gives the row with the most known. -#}
{% macro select_vendor_demography() -%}
select
    trimBoth(link.youtube_userid) as platform_id,
    cast(
        arrayFilter(
            pair -> pair.2 > 0 and pair.2 <= 100,
            [
                {%- for gender in ['m', 'f'] %}
                {%- set outer = loop %}
                {%- for age in list_ages() %}
                {%- set column = 'youtube_demographic_' ~ gender ~ '_' ~ (age | replace('-', '_') | replace('+', '')) %}
                ('{{ gender | upper }}_{{ age }}', ifNull(link.{{ column }}, 0)){{ ',' if not (loop.last and outer.last) }}
                {%- endfor %}
                {%- endfor %}
            ]
        ),
        'Map(String, Float64)'
    ) as age_groups,
    cast(map(), 'Map(String, Float64)') as city_weights,
    cast(map(), 'Map(String, Float64)') as country_weights
from {{ source('vendor', 'social_profiles') }} as link
where {{ clean_id('link.youtube_userid', 'channel') }} is not null and notEmpty(age_groups)
{{ keep_latest('platform_id', 'length(age_groups)', ties=['toString(age_groups)']) }}
{%- endmacro %}
