-- Words of the world: market mix, languages, categories, names, places, captions.
create or replace function world_country as (draw) -> world_pick(draw,
    [380, 500, 570, 630, 670, 705, 730, 755, 780, 800, 820, 840, 858, 873, 888, 908, 926, 942, 958, 970, 985, 1000],
    ['IN', 'US', 'BR', 'ID', 'GB', 'MX', 'DE', 'FR', 'JP', 'KR', 'TR', 'ES', 'NG', 'EG', 'SA', 'PH', 'CA', 'AU', 'IT',
     'AE', 'BD', 'ZA']);

create or replace function world_language as (country, draw) -> multiIf(
    country = 'IN', world_pick(draw, [360, 560, 650, 740, 800, 855, 895, 930, 955, 975, 990, 1000],
        ['hi', 'en', 'ta', 'te', 'mr', 'bn', 'ml', 'kn', 'gu', 'pa', 'ur', 'or']),
    draw < 120, 'en',
    transform(country,
        ['BR', 'ID', 'MX', 'DE', 'FR', 'JP', 'KR', 'TR', 'ES', 'EG', 'SA', 'PH', 'IT', 'AE', 'BD'],
        ['pt', 'id', 'es', 'de', 'fr', 'ja', 'ko', 'tr', 'es', 'ar', 'ar', 'tl', 'it', 'ar', 'bn'], 'en'));

create or replace function world_category as (draw) -> world_pick(draw,
    [110, 205, 290, 370, 440, 510, 575, 635, 690, 745, 795, 840, 880, 910, 935, 955, 970, 985, 1000],
    ['Fashion', 'Beauty', 'Food & Drinks', 'Travel', 'Gaming', 'Music', 'Comedy', 'Education', 'Technology', 'Fitness',
     'Sports', 'Films', 'Finance', 'Parenting', 'Arts & Craft', 'Automobile', 'Animals', 'DIY', 'People & Culture']);

-- The label that Instagram shows for a category.
create or replace function world_instagram_label as (category) -> transform(category,
    ['Fashion', 'Beauty', 'Food & Drinks', 'Travel', 'Gaming', 'Music', 'Comedy', 'Education', 'Technology', 'Fitness',
     'Sports', 'Films', 'Finance', 'Parenting', 'Arts & Craft', 'Automobile', 'Animals', 'DIY', 'People & Culture'],
    ['Fashion Model', 'Beauty, cosmetic & personal care', 'Food & beverage', 'Travel company', 'Gaming video creator',
     'Musician/band', 'Comedian', 'Education', 'Science, technology & engineering', 'Fitness trainer', 'Athlete',
     'Actor', 'Finance', 'Family', 'Artist', 'Cars', 'Pet', 'Digital creator', 'Public figure'], 'Blogger');

create or replace function world_youtube_label as (category) -> transform(category,
    ['Fashion', 'Beauty', 'Food & Drinks', 'Travel', 'Gaming', 'Music', 'Comedy', 'Education', 'Technology', 'Fitness',
     'Sports', 'Films', 'Finance', 'Parenting', 'Arts & Craft', 'Automobile', 'Animals', 'DIY', 'People & Culture'],
    ['Howto & Style', 'Howto & Style', 'People & Blogs', 'Travel & Events', 'Gaming', 'Music', 'Comedy', 'Education',
     'Science & Technology', 'Sports', 'Sports', 'Film & Animation', 'Education', 'People & Blogs', 'Howto & Style',
     'Autos & Vehicles', 'Pets & Animals', 'Howto & Style', 'People & Blogs'], 'Entertainment');

create or replace function world_youtube_category_id as (label) -> transform(label,
    ['Film & Animation', 'Autos & Vehicles', 'Music', 'Pets & Animals', 'Sports', 'Travel & Events', 'Gaming',
     'People & Blogs', 'Comedy', 'Entertainment', 'Howto & Style', 'Education', 'Science & Technology'],
    ['1', '2', '10', '15', '17', '19', '20', '22', '23', '24', '26', '27', '28'], '24');

create or replace function world_country_name as (country) -> transform(country,
    ['IN', 'US', 'BR', 'ID', 'GB', 'MX', 'DE', 'FR', 'JP', 'KR', 'TR', 'ES', 'NG', 'EG', 'SA', 'PH', 'CA', 'AU', 'IT',
     'AE', 'BD', 'ZA', 'NZ', 'IE'],
    ['India', 'United States', 'Brazil', 'Indonesia', 'United Kingdom', 'Mexico', 'Germany', 'France', 'Japan',
     'South Korea', 'Turkey', 'Spain', 'Nigeria', 'Egypt', 'Saudi Arabia', 'Philippines', 'Canada', 'Australia',
     'Italy', 'United Arab Emirates', 'Bangladesh', 'South Africa', 'New Zealand', 'Ireland'], country);

create or replace function world_city as (country, key) -> world_one_of(key, 'city', 0, multiIf(
    country = 'IN', ['Mumbai', 'Delhi', 'Bengaluru', 'Hyderabad', 'Chennai', 'Kolkata', 'Pune', 'Jaipur', 'Lucknow',
        'Kochi', 'Indore', 'Surat'],
    country = 'US', ['Los Angeles', 'New York', 'Miami', 'Chicago', 'Austin', 'Seattle'],
    country = 'BR', ['São Paulo', 'Rio de Janeiro', 'Salvador', 'Brasília'],
    country = 'ID', ['Jakarta', 'Bandung', 'Surabaya'],
    country = 'MX', ['Ciudad de México', 'Guadalajara', 'Mérida'],
    country = 'TR', ['İstanbul', 'Ankara', 'İzmir'],
    country = 'DE', ['Berlin', 'München', 'Köln'],
    country = 'FR', ['Paris', 'Lyon', 'Marseille'],
    country = 'GB', ['London', 'Manchester', 'Leeds'],
    country = 'JP', ['Tokyo', 'Osaka'],
    country = 'KR', ['Seoul', 'Busan'],
    country = 'ES', ['Madrid', 'Málaga', 'Sevilla'],
    [concat('Central ', world_country_name(country))]));

-- 1 South Asia, 2 English-speaking, 3 Iberian, 4 South-East Asia, 5 Arabic and Turkish, 6 Japan, 7 Korea, 8 Africa,
-- 9 continental Europe.
create or replace function world_name_group as (country) -> toUInt8(transform(country,
    ['IN', 'BD', 'US', 'GB', 'CA', 'AU', 'BR', 'MX', 'ES', 'ID', 'PH', 'TR', 'EG', 'SA', 'AE', 'JP', 'KR', 'NG', 'ZA'],
    [1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5, 5, 6, 7, 8, 8], 9));

-- (Latin letters, as shown) of given names and of family names.
create or replace function world_given_name as (name_group, key) -> world_one_of(key, 'given', 0, [
    [('aarav', 'Aarav'), ('priya', 'Priya'), ('rohan', 'Rohan'), ('ananya', 'अनन्या'), ('vikram', 'Vikram'),
     ('kavya', 'காவ்யா'), ('arjun', 'Arjun'), ('meera', 'Meera'), ('sana', 'Sana'), ('ishaan', 'Ishaan')],
    [('emma', 'Emma'), ('liam', 'Liam'), ('olivia', 'Olivia'), ('noah', 'Noah'), ('ava', 'Ava'), ('jack', 'Jack')],
    [('jose', 'José'), ('maria', 'María'), ('joao', 'João'), ('lucia', 'Lucía'), ('andre', 'André'), ('ines', 'Inês')],
    [('putri', 'Putri'), ('budi', 'Budi'), ('maricel', 'Maricel'), ('agus', 'Agus'), ('dewi', 'Dewi')],
    [('ahmed', 'أحمد'), ('fatma', 'Fatma'), ('omar', 'Omar'), ('ayse', 'Ayşe'), ('layla', 'ليلى')],
    [('haruto', '陽翔'), ('yui', '結衣'), ('sora', 'Sora'), ('aoi', '葵')],
    [('minjun', '민준'), ('seoyeon', '서연'), ('jiho', 'Jiho'), ('yuna', '유나')],
    [('chidi', 'Chidi'), ('amara', 'Amara'), ('thabo', 'Thabo'), ('zanele', 'Zanele')],
    [('lukas', 'Lukas'), ('chloe', 'Chloé'), ('jurgen', 'Jürgen'), ('zoe', 'Zoë'), ('matteo', 'Matteo')]][name_group]);

create or replace function world_family_name as (name_group, key) -> world_one_of(key, 'family', 0, [
    [('sharma', 'Sharma'), ('iyer', 'Iyer'), ('khan', 'Khan'), ('patel', 'Patel'), ('reddy', 'Reddy'), ('das', 'Das'),
     ('nair', 'Nair'), ('singh', 'Singh'), ('gupta', 'गुप्ता'), ('menon', 'Menon')],
    [('smith', 'Smith'), ('johnson', 'Johnson'), ('brown', 'Brown'), ('taylor', 'Taylor'), ('oneil', 'O''Neil')],
    [('silva', 'Silva'), ('garcia', 'García'), ('souza', 'Souza'), ('nunez', 'Núñez'), ('lopez', 'López')],
    [('santoso', 'Santoso'), ('reyes', 'Reyes'), ('wijaya', 'Wijaya'), ('cruz', 'Cruz')],
    [('yilmaz', 'Yılmaz'), ('hassan', 'Hassan'), ('alharbi', 'الحربي'), ('demir', 'Demir')],
    [('sato', '佐藤'), ('tanaka', 'Tanaka'), ('suzuki', '鈴木')],
    [('kim', '김'), ('lee', 'Lee'), ('park', '박')],
    [('okafor', 'Okafor'), ('dlamini', 'Dlamini'), ('adeyemi', 'Adeyemi')],
    [('muller', 'Müller'), ('dubois', 'Dubois'), ('rossi', 'Rossi'), ('lefevre', 'Lefèvre')]][name_group]);

create or replace function world_caption as (language, key, i) -> concat(world_one_of(key, 'caption', i, multiIf(
    language = 'hi', ['आज का दिन बहुत खास है ❤️', 'नई वीडियो देखो दोस्तों 🙏', 'सपने सच होते हैं'],
    language = 'ta', ['இன்று ஒரு புதிய பயணம் ✨', 'வணக்கம் நண்பர்களே'],
    language = 'te', ['కొత్త వీడియో వచ్చేసింది 🔥', 'అందరికీ నమస్కారం'],
    language = 'mr', ['आजची खास रेसिपी 😋', 'नमस्कार मित्रांनो'],
    language = 'bn', ['আজকের নতুন গল্প 🌸', 'সবাইকে শুভেচ্ছা'],
    language = 'ml', ['പുതിയ വീഡിയോ കാണൂ 🙌'],
    language = 'kn', ['ಹೊಸ ವಿಡಿಯೋ ನೋಡಿ 💛'],
    language = 'gu', ['આજનો દિવસ સુંદર છે'],
    language = 'pa', ['ਸਤ ਸ੍ਰੀ ਅਕਾਲ ਦੋਸਤੋ 💪'],
    language = 'ur', ['آج کا دن خوبصورت ہے'],
    language in ('es', 'pt'), ['¡Qué día más bonito! ☀️', 'Novo vídeo já está no ar', 'Mañana será mejor'],
    language = 'ar', ['يوم جميل مع الأصدقاء 🌙'],
    language = 'ja', ['今日の一枚 📷'],
    language = 'ko', ['오늘의 브이로그 🎥'],
    language in ('de', 'fr'), ['Schönes Wochenende 🌿', 'Nouvelle vidéo, déjà en ligne'],
    ['New post is up 🎉', 'Behind the scenes of today''s shoot', 'Honest review, no filter 👀', 'Throwback 💫'])),
    ' ', world_one_of(key, 'first tag', i, ['#love', '#reels', '#Reels', '#explore_page', '#viral', '#travel_diaries']),
    ' ', world_one_of(key, 'second tag', i, ['#café', '#नमस्ते', '#தமிழ்', '#తెలుగు', '#São_Paulo', '#ootd', '#fyp',
        '#skincare', '#recipe2024', '#GymLife']),
    if(world_draw(key, 'ad', i, 20) = 0, ' #ad #sponsored', ''));

-- {"male": {...}, "female": {...}, "uncategorized": {...}} from 21 numbers and the names of seven ages.
create or replace function world_gender_age_json as (cells, ages) -> concat('{', arrayStringConcat(arrayMap(
    (gender, skip) -> concat('"', gender, '":{', arrayStringConcat(arrayMap(
        (age, i) -> concat('"', age, '":', toString(cells[skip + i])), ages, arrayEnumerate(ages)), ','), '}'),
    ['male', 'female', 'uncategorized'], [0, 7, 14]), ','), '}');
