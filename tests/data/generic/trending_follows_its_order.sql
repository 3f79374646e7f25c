{# Along the ranks of a month and category the metric never grows, and between equals likes, the time of publication and
   the shortcode decide, in this order. #}
{% test trending_follows_its_order(model, metric) %}

select *
from (
    select
        month,
        category,
        trending_rank,
        (-{{ metric }}, likes is null, -ifNull(likes, 0), -toUnixTimestamp64Micro(published_at), shortcode) as place,
        lagInFrame(place, 1, place) over (
            partition by month, category order by trending_rank
            rows between unbounded preceding and unbounded following
        ) as place_before
    from {{ model }}
)
where place_before > place or (trending_rank > 1 and place_before = place)

{% endtest %}
