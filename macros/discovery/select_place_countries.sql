{#- Country of a profile by its posts' places: the one in which more than half of its placed posts lie. A place ends in
    its country after the last comma. `touched` where carry_over() may ask for some profiles alone. -#}
{% macro select_place_countries(touched=false) -%}
select
    profile_id,
    argMaxOrNull(place_country, posts) as country
from (
    select
        place.profile_id as profile_id,
        {{ country_code("trimBoth(splitByChar(',', place.location)[-1])") }} as place_country,
        count() as posts,
        sum(posts) over (partition by profile_id) as placed_posts
    from {{ ref_latest('mart_post_location', 'place') }}
    where
        place.platform = 'INSTAGRAM'
        and place.profile_id is not null
        {%- if touched %}
        and {{ if_touched('place.profile_id in (select touched.key from touched)') }}
        {%- endif %}
    group by profile_id, place_country
)
where place_country is not null and posts > placed_posts / 2
group by profile_id
{%- endmacro %}
