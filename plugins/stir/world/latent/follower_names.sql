-- Names of followers: (Latin letters, as their owner spells them), the most common ones last in each list. Creators
-- have lists of their own (vocabulary.sql), which decide the rest of the world.

-- Names of a place and language: 1-8 regions of India (Hindi, Tamil, Telugu, Bengali, Malayalam, Gujarati, Punjabi,
-- Kannada), 9 English, 10 Iberian, 11 South-East Asia, 12 Arabic, 13 Turkish, 14 Japanese, 15 Korean, 16 African,
-- 17 continental Europe, 18 Greek, 19 Chinese, 20 Russian.
create or replace function world_names_of as (country, key) -> toUInt8(if(country = 'IN',
    world_pick(world_draw(key, 'region', 0, 100), [50, 62, 73, 80, 86, 91, 96, 100], [1, 2, 3, 4, 5, 6, 7, 8]),
    transform(country,
        ['BD', 'US', 'GB', 'CA', 'AU', 'NZ', 'IE', 'BR', 'MX', 'ES', 'ID', 'PH', 'EG', 'SA', 'AE', 'TR', 'JP', 'KR',
         'NG', 'ZA', 'GR', 'CN', 'RU'],
        [4, 9, 9, 9, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 14, 15, 16, 16, 18, 19, 20], 17)));

-- Of a hundred people with such names, how many spell them in letters of their own instead of ASCII.
create or replace function world_native_percent as (names_of) ->
    [15, 12, 12, 18, 12, 10, 12, 12, 0, 45, 0, 55, 45, 60, 55, 0, 40, 60, 70, 65][names_of];

-- One name of a list of lists: u in [0, 1), bent so that the names at the end are twice as common as one in the middle.
-- `counts` says how long the lists are: each time that a function's argument is used, its text is analysed again.
create or replace function world_name_at as (lists, counts, names_of, u) -> arrayFlatten(lists)[
    arrayCumSum(counts)[names_of] - toInt64(floor(u * (1 + u) / 2 * counts[names_of]))];

create or replace function world_given_names as (unused) -> [
    [('harshita', 'हर्षिता'), ('yash', 'यश'), ('tanvi', 'तन्वी'), ('nikhil', 'निखिल'), ('shreya', 'श्रेया'),
     ('aditya', 'आदित्य'), ('kajal', 'काजल'), ('manish', 'मनीष'), ('sunita', 'सुनीता'), ('deepak', 'दीपक'),
     ('ritu', 'ऋतु'), ('sandeep', 'संदीप'), ('ananya', 'अनन्या'), ('vikram', 'विक्रम'), ('neha', 'नेहा'),
     ('rahul', 'राहुल'), ('pooja', 'पूजा'), ('amit', 'अमित'), ('priya', 'प्रिया'), ('rohan', 'रोहन')],
    [('kavya', 'காவ்யா'), ('murugan', 'முருகன்'), ('anitha', 'அனிதா'), ('selvam', 'செல்வம்'), ('divya', 'திவ்யா'),
     ('karthik', 'கார்த்திக்'), ('meena', 'மீனா'), ('surya', 'சூர்யா'), ('vijay', 'விஜய்'), ('lakshmi', 'லட்சுமி')],
    [('swathi', 'స్వాతి'), ('ravi', 'రవి'), ('sravani', 'శ్రావణి'), ('naresh', 'నరేష్'), ('lavanya', 'లావణ్య'),
     ('mahesh', 'మహేష్'), ('anusha', 'అనూష'), ('prasad', 'ప్రసాద్'), ('sirisha', 'శిరీష'), ('venkat', 'వెంకట్')],
    [('moumita', 'মৌমিতা'), ('sourav', 'সৌরভ'), ('tania', 'তানিয়া'), ('arijit', 'অরিজিৎ'), ('riya', 'রিয়া'),
     ('subrata', 'সুব্রত'), ('nusrat', 'নুসরাত'), ('rakib', 'রাকিব'), ('sumon', 'সুমন'), ('mitali', 'মিতালী')],
    [('anjali', 'അഞ്ജലി'), ('vishnu', 'വിഷ്ണു'), ('athira', 'ആതിര'), ('sreejith', 'ശ്രീജിത്ത്'), ('gopika', 'ഗോപിക'),
     ('arun', 'അരുൺ'), ('reshma', 'രേഷ്മ'), ('manu', 'മനു')],
    [('hetal', 'હેતલ'), ('jignesh', 'જિજ્ઞેશ'), ('komal', 'કોમલ'), ('mehul', 'મેહુલ'), ('bhavna', 'ભાવના'),
     ('chirag', 'ચિરાગ'), ('nisha', 'નિશા'), ('hardik', 'હાર્દિક')],
    [('simran', 'ਸਿਮਰਨ'), ('gurpreet', 'ਗੁਰਪ੍ਰੀਤ'), ('jasleen', 'ਜਸਲੀਨ'), ('harman', 'ਹਰਮਨ'), ('navjot', 'ਨਵਜੋਤ'),
     ('manpreet', 'ਮਨਪ੍ਰੀਤ'), ('amrit', 'ਅੰਮ੍ਰਿਤ'), ('karan', 'ਕਰਨ')],
    [('shwetha', 'ಶ್ವೇತಾ'), ('manjunath', 'ಮಂಜುನಾಥ್'), ('rashmi', 'ರಶ್ಮಿ'), ('girish', 'ಗಿರೀಶ್'), ('chaitra', 'ಚೈತ್ರ'),
     ('naveen', 'ನವೀನ್'), ('pavithra', 'ಪವಿತ್ರ'), ('suresh', 'ಸುರೇಶ್')],
    [('harper', 'Harper'), ('logan', 'Logan'), ('chloe', 'Chloe'), ('caleb', 'Caleb'), ('zoey', 'Zoey'),
     ('owen', 'Owen'), ('grace', 'Grace'), ('ryan', 'Ryan'), ('lily', 'Lily'), ('ethan', 'Ethan'),
     ('sophie', 'Sophie'), ('daniel', 'Daniel'), ('hannah', 'Hannah'), ('lucas', 'Lucas'), ('mia', 'Mia'),
     ('james', 'James'), ('emma', 'Emma'), ('jack', 'Jack'), ('olivia', 'Olivia'), ('noah', 'Noah')],
    [('beatriz', 'Beatriz'), ('andres', 'Andrés'), ('ines', 'Inês'), ('tomas', 'Tomás'), ('marina', 'Marina'),
     ('rafael', 'Rafael'), ('lucia', 'Lucía'), ('thiago', 'Thiago'), ('camila', 'Camila'), ('joao', 'João'),
     ('ana', 'Ana'), ('carlos', 'Carlos'), ('sofia', 'Sofía'), ('diego', 'Diego'), ('maria', 'María'),
     ('jose', 'José')],
    [('wulan', 'Wulan'), ('joko', 'Joko'), ('kristine', 'Kristine'), ('bayu', 'Bayu'), ('maricel', 'Maricel'),
     ('rizky', 'Rizky'), ('angel', 'Angel'), ('agus', 'Agus'), ('siti', 'Siti'), ('budi', 'Budi'), ('dewi', 'Dewi'),
     ('putri', 'Putri')],
    [('rania', 'رانيا'), ('tariq', 'طارق'), ('salma', 'سلمى'), ('hamza', 'حمزة'), ('yasmin', 'ياسمين'),
     ('khalid', 'خالد'), ('noura', 'نورة'), ('ali', 'علي'), ('sara', 'سارة'), ('youssef', 'يوسف'), ('layla', 'ليلى'),
     ('omar', 'عمر'), ('fatima', 'فاطمة'), ('ahmed', 'أحمد'), ('mohamed', 'محمد')],
    [('gulsen', 'Gülşen'), ('cagri', 'Çağrı'), ('ozlem', 'Özlem'), ('umut', 'Umut'), ('busra', 'Büşra'),
     ('emre', 'Emre'), ('ayse', 'Ayşe'), ('ibrahim', 'İbrahim'), ('elif', 'Elif'), ('mehmet', 'Mehmet')],
    [('riku', '陸'), ('misaki', '美咲'), ('kenta', '健太'), ('nanami', 'ななみ'), ('daiki', '大輝'), ('sakura', 'さくら'),
     ('yuto', 'ユウト'), ('hina', '陽菜'), ('aoi', '葵'), ('haruto', '陽翔'), ('yui', '結衣')],
    [('hyunwoo', '현우'), ('jisoo', '지수'), ('taeyang', '태양'), ('eunji', '은지'), ('donghyun', '동현'), ('yuna', '유나'),
     ('jiho', '지호'), ('seoyeon', '서연'), ('minjun', '민준')],
    [('ngozi', 'Ngozi'), ('kwame', 'Kwame'), ('lerato', 'Lerato'), ('emeka', 'Emeka'), ('zanele', 'Zanele'),
     ('tunde', 'Tunde'), ('amara', 'Amara'), ('thabo', 'Thabo'), ('chidi', 'Chidi'), ('blessing', 'Blessing')],
    [('soren', 'Søren'), ('agnes', 'Agnès'), ('jurgen', 'Jürgen'), ('helene', 'Hélène'), ('zoe', 'Zoë'),
     ('matteo', 'Matteo'), ('francois', 'François'), ('giulia', 'Giulia'), ('bjorn', 'Björn'), ('lea', 'Léa'),
     ('felix', 'Felix'), ('anna', 'Anna'), ('luca', 'Luca'), ('lukas', 'Lukas')],
    [('thanos', 'Θάνος'), ('despina', 'Δέσποινα'), ('stavros', 'Σταύρος'), ('katerina', 'Κατερίνα'), ('nikos', 'Νίκος'),
     ('ioanna', 'Ιωάννα'), ('kostas', 'Κώστας'), ('eleni', 'Ελένη'), ('giorgos', 'Γιώργος'), ('maria', 'Μαρία')],
    [('xiaoming', '晓明'), ('yuxin', '雨欣'), ('jianguo', '建国'), ('meiling', '美玲'), ('zihan', '子涵'), ('haoran', '浩然'),
     ('lihua', '丽华'), ('fang', '芳'), ('jing', '静'), ('min', '敏'), ('wei', '伟')],
    [('timofey', 'Тимофей'), ('polina', 'Полина'), ('maxim', 'Максим'), ('svetlana', 'Светлана'), ('ivan', 'Иван'),
     ('daria', 'Дарья'), ('sergey', 'Сергей'), ('olga', 'Ольга'), ('dmitry', 'Дмитрий'), ('ekaterina', 'Екатерина'),
     ('alexander', 'Александр'), ('anastasia', 'Анастасия')]
];

create or replace function world_given_counts as (unused) ->
    [20, 10, 10, 10, 8, 8, 8, 8, 20, 16, 12, 15, 10, 11, 9, 10, 14, 10, 11, 12];

create or replace function world_follower_given as (names_of, key) ->
    world_name_at(world_given_names(0), world_given_counts(0), names_of, world_uniform(key, 'given', 1));

create or replace function world_family_names as (unused) -> [
    [('saxena', 'सक्सेना'), ('tripathi', 'त्रिपाठी'), ('chauhan', 'चौहान'), ('bhatt', 'भट्ट'),
     ('malhotra', 'मल्होत्रा'), ('joshi', 'जोशी'), ('pandey', 'पांडे'), ('rathore', 'राठौर'), ('agarwal', 'अग्रवाल'),
     ('mishra', 'मिश्रा'), ('verma', 'वर्मा'), ('yadav', 'यादव'), ('khan', 'ख़ान'), ('gupta', 'गुप्ता'),
     ('singh', 'सिंह'), ('kumar', 'कुमार'), ('sharma', 'शर्मा')],
    [('pillai', 'பிள்ளை'), ('subramanian', 'சுப்ரமணியன்'), ('rajan', 'ராஜன்'), ('iyer', 'ஐயர்'), ('kumaran', 'குமரன்'),
     ('natarajan', 'நடராஜன்'), ('krishnan', 'கிருஷ்ணன்')],
    [('chowdary', 'చౌదరి'), ('naidu', 'నాయుడు'), ('varma', 'వర్మ'), ('raju', 'రాజు'), ('rao', 'రావు'),
     ('reddy', 'రెడ్డి')],
    [('mukherjee', 'মুখার্জী'), ('hossain', 'হোসেন'), ('banerjee', 'ব্যানার্জী'), ('ghosh', 'ঘোষ'), ('islam', 'ইসলাম'),
     ('roy', 'রায়'), ('das', 'দাস')],
    [('varghese', 'വർഗീസ്'), ('kurian', 'കുര്യൻ'), ('thomas', 'തോമസ്'), ('menon', 'മേനോൻ'), ('nair', 'നായർ')],
    [('trivedi', 'ત્રિવેદી'), ('solanki', 'સોલંકી'), ('desai', 'દેસાઈ'), ('shah', 'શાહ'), ('patel', 'પટેલ')],
    [('bedi', 'ਬੇਦੀ'), ('sandhu', 'ਸੰਧੂ'), ('gill', 'ਗਿੱਲ'), ('kaur', 'ਕੌਰ'), ('singh', 'ਸਿੰਘ')],
    [('hegde', 'ಹೆಗಡೆ'), ('shetty', 'ಶೆಟ್ಟಿ'), ('murthy', 'ಮೂರ್ತಿ'), ('gowda', 'ಗೌಡ')],
    [('oneil', 'O''Neil'), ('bennett', 'Bennett'), ('hughes', 'Hughes'), ('campbell', 'Campbell'), ('parker', 'Parker'),
     ('clark', 'Clark'), ('walker', 'Walker'), ('moore', 'Moore'), ('wilson', 'Wilson'), ('davies', 'Davies'),
     ('taylor', 'Taylor'), ('brown', 'Brown'), ('jones', 'Jones'), ('williams', 'Williams'), ('johnson', 'Johnson'),
     ('smith', 'Smith')],
    [('ibanez', 'Ibáñez'), ('araujo', 'Araújo'), ('nunez', 'Núñez'), ('moreira', 'Moreira'), ('jimenez', 'Jiménez'),
     ('souza', 'Souza'), ('lopez', 'López'), ('costa', 'Costa'), ('rodriguez', 'Rodríguez'), ('santos', 'Santos'),
     ('garcia', 'García'), ('silva', 'Silva')],
    [('halim', 'Halim'), ('bautista', 'Bautista'), ('nugroho', 'Nugroho'), ('santoso', 'Santoso'), ('reyes', 'Reyes'),
     ('wijaya', 'Wijaya'), ('cruz', 'Cruz'), ('saputra', 'Saputra')],
    [('alqahtani', 'القحطاني'), ('mansour', 'منصور'), ('alharbi', 'الحربي'), ('farouk', 'فاروق'), ('saleh', 'صالح'),
     ('alotaibi', 'العتيبي'), ('mahmoud', 'محمود'), ('ibrahim', 'إبراهيم'), ('hassan', 'حسن'), ('ali', 'علي')],
    [('sahin', 'Şahin'), ('ozturk', 'Öztürk'), ('celik', 'Çelik'), ('demir', 'Demir'), ('kaya', 'Kaya'),
     ('yilmaz', 'Yılmaz')],
    [('nakamura', '中村'), ('ito', '伊藤'), ('watanabe', '渡辺'), ('takahashi', '高橋'), ('tanaka', '田中'),
     ('suzuki', '鈴木'), ('sato', '佐藤')],
    [('kang', '강'), ('jung', '정'), ('choi', '최'), ('park', '박'), ('lee', '이'), ('kim', '김')],
    [('mensah', 'Mensah'), ('nkosi', 'Nkosi'), ('adeyemi', 'Adeyemi'), ('dlamini', 'Dlamini'), ('okafor', 'Okafor'),
     ('balogun', 'Balogun')],
    [('lefevre', 'Lefèvre'), ('kruger', 'Krüger'), ('jensen', 'Jensen'), ('bianchi', 'Bianchi'), ('moreau', 'Moreau'),
     ('schroder', 'Schröder'), ('dubois', 'Dubois'), ('muller', 'Müller'), ('schmidt', 'Schmidt'), ('rossi', 'Rossi')],
    [('nikolaidis', 'Νικολαΐδης'), ('georgiou', 'Γεωργίου'), ('pappas', 'Παππάς'), ('dimitriou', 'Δημητρίου'),
     ('papadopoulos', 'Παπαδόπουλος')],
    [('zhao', '赵'), ('huang', '黄'), ('yang', '杨'), ('chen', '陈'), ('liu', '刘'), ('zhang', '张'), ('li', '李'),
     ('wang', '王')],
    [('volkov', 'Волков'), ('morozov', 'Морозов'), ('sokolov', 'Соколов'), ('kuznetsov', 'Кузнецов'),
     ('petrov', 'Петров'), ('smirnov', 'Смирнов'), ('ivanov', 'Иванов')]
];

create or replace function world_family_counts as (unused) ->
    [17, 7, 6, 7, 5, 5, 5, 4, 16, 12, 8, 10, 6, 7, 6, 6, 10, 5, 8, 7];

create or replace function world_follower_family as (names_of, key) ->
    world_name_at(world_family_names(0), world_family_counts(0), names_of, world_uniform(key, 'family', 1));

-- A full name as people of that place write it: family name first and without a blank in Chinese, Japanese and Korean.
create or replace function world_native_name as (names_of, given, family, is_one_word) -> multiIf(
    is_one_word, given,
    names_of in (14, 15, 19), concat(family, given),
    concat(given, ' ', family));

-- The same in other letters of Unicode, as ornament (Latin letters only).
create or replace function world_ornate as (name) -> translateUTF8(name,
    'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
    '𝐚𝐛𝐜𝐝𝐞𝐟𝐠𝐡𝐢𝐣𝐤𝐥𝐦𝐧𝐨𝐩𝐪𝐫𝐬𝐭𝐮𝐯𝐰𝐱𝐲𝐳𝐀𝐁𝐂𝐃𝐄𝐅𝐆𝐇𝐈𝐉𝐊𝐋𝐌𝐍𝐎𝐏𝐐𝐑𝐒𝐓𝐔𝐕𝐖𝐗𝐘𝐙');
