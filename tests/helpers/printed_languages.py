"""Newspaper prose of many languages, written for the tests, with the legacy encodings it was printed in.

Each text is long enough for a short article (some 300 characters of a Latin script); encodings are
labels of the web, names of Python's codecs.
"""

from typing import NamedTuple


class Printed(NamedTuple):
    """Prose of one language, and Python's codecs in which pages of that language were written."""

    language: str
    codecs: tuple[str, ...]
    title: str
    text: str

    def page(self, codec: str, head: str = "", chars: int | None = None) -> bytes:
        """Return an article of this prose in a codec; `head` is more markup of its head."""
        text = self.text[:chars]
        paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n") if part)
        html = (
            f"<html><head>{head}<title>{self.title}</title></head><body><article>"
            f"<h1>{self.title}</h1>{paragraphs}</article></body></html>"
        )
        return html.encode(codec)


_CYRILLIC = ("cp1251", "iso8859_5")
_CENTRAL = ("cp1250", "iso8859_2")
_BALTIC = ("cp1257", "iso8859_13")
_WESTERN = ("cp1252", "iso8859_15")

PRINTED = (
    Printed(
        "zh",
        ("gbk", "gb18030"),
        "河港市议会批准新水厂",
        "河港市议会周四晚间以二十票对七票通过决议，将在老城北面修建一座新的自来水厂，预计三年后投入使用。\n"
        "市长在会后表示，夏天的干旱让许多居民家中断水，学校和医院不得不用卡车运水，这种情况不能再发生。\n"
        "反对者认为造价太高，他们要求先修理旧管道。据工程师估计，目前有三分之一的水在路上漏掉了。\n"
        "工程将于明年春天开工，资金一半来自省里的贷款，另一半由水费支付，每户每月大约多付五元。",
    ),
    Printed(
        "zh",
        ("big5", "big5hkscs"),
        "河港市議會通過興建新水廠",
        "河港市議會週四晚間以二十票對七票通過決議，將在舊城北面興建一座新的自來水廠，預計三年後啟用。\n"
        "市長會後表示，夏天的乾旱讓許多居民家裡停水，學校和醫院不得不用卡車運水，這種情形不能再發生。\n"
        "反對者認為造價太高，他們要求先修理舊管線。據工程師估計，目前有三分之一的水在半路上漏掉了。\n"
        "工程將於明年春天動工，經費一半來自縣政府的貸款，另一半由水費支付，每戶每月大約多付二十元。",
    ),
    Printed(
        "ja",
        ("cp932", "euc_jp", "iso2022_jp"),
        "港町の水道、新しい浄水場を建設へ",
        "市議会は木曜日の夜、旧市街の北に新しい浄水場を建設する案を賛成二十、反対七で可決した。完成は三年後の予定だ。\n"
        "市長は会議のあと、「夏の日照りで多くの家が断水し、学校や病院にトラックで水を運んだ。二度と繰り返してはならない」と話した。\n"
        "反対した議員は費用が高すぎると述べ、古い水道管の修理を先にするよう求めている。技術者によると、水の三分の一が途中で漏れている。\n"
        "工事は来年の春に始まる。費用の半分は県からの借り入れ、残りは水道料金でまかなうという。",
    ),
    Printed(
        "ko",
        ("cp949", "euc_kr"),
        "항구 도시, 새 정수장 짓기로",
        "시의회는 목요일 밤 구시가지 북쪽에 새 정수장을 짓는 안건을 찬성 스무 표, 반대 일곱 표로 통과시켰다. 완공은 삼 년 뒤로 예정되어 있다.\n"
        "시장은 회의가 끝난 뒤 지난여름 가뭄으로 많은 집에 물이 끊겼고 학교와 병원에는 트럭으로 물을 날라야 했다고 말했다.\n"
        "반대한 의원들은 비용이 너무 많이 든다며 낡은 수도관부터 고치라고 요구했다. 기술자들은 물의 삼분의 일이 중간에 새고 있다고 본다.\n"
        "공사는 내년 봄에 시작되며 비용의 절반은 도에서 빌리고 나머지는 수도 요금으로 낸다.",
    ),
    Printed(
        "ru",
        ("cp1251", "koi8_r", "iso8859_5", "cp866"),
        "Городской совет одобрил новую водонапорную станцию",
        "Городской совет в четверг вечером двадцатью голосами против семи одобрил строительство станции водоснабжения к северу от старого города.\n"
        "Мэр сказал после заседания, что из-за летней засухи многие жители остались без воды, а в школы и больницы её привозили на грузовиках.\n"
        "Противники считают проект слишком дорогим и требуют сначала починить старые трубы: по оценке инженеров, треть воды теряется по дороге.\n"
        "Работы начнутся весной, половину денег даст область в долг, остальное оплатят жители.",
    ),
    Printed(
        "uk",
        ("cp1251", "koi8_u"),
        "Міська рада схвалила нову водонасосну станцію",
        "Міська рада в четвер увечері двадцятьма голосами проти семи схвалила будівництво станції водопостачання на північ від старого міста.\n"
        "Міський голова сказав після засідання, що через літню посуху багато мешканців лишилися без води, а до шкіл і лікарень її возили вантажівками.\n"
        "Противники вважають проєкт надто дорогим і вимагають спершу полагодити старі труби: за оцінкою інженерів, третина води втрачається дорогою.\n"
        "Роботи почнуться навесні, половину грошей позичить область, решту сплатять мешканці.",
    ),
    Printed(
        "bg",
        _CYRILLIC,
        "Общинският съвет одобри нова водна станция",
        "Общинският съвет в четвъртък вечерта одобри с двадесет на седем гласа строежа на нова станция за вода на север от стария град.\n"
        "Кметът каза след заседанието, че заради лятната суша много хора са останали без вода, а в училищата и болниците тя е била докарвана с камиони.\n"
        "Противниците смятат, че цената е твърде висока и искат първо да се поправят старите тръби, защото една трета от водата се губи по пътя.\n"
        "Работата започва през пролетта, половината пари ще дойдат от заем.",
    ),
    Printed(
        "sr",
        _CYRILLIC,
        "Градско веће одобрило нову станицу за воду",
        "Градско веће је у четвртак увече са двадесет гласова према седам одобрило градњу нове станице за воду северно од старог града.\n"
        "Градоначелник је после седнице рекао да је због летње суше много људи остало без воде, а школама и болницама вода је довожена камионима.\n"
        "Противници сматрају да је цена превисока и траже да се прво поправе старе цеви, јер се трећина воде губи на путу, кажу инжењери.\n"
        "Радови почињу на пролеће, а половина новца стиже из зајма.",
    ),
    Printed(
        "el",
        ("cp1253", "iso8859_7"),
        "Το δημοτικό συμβούλιο ενέκρινε νέο σταθμό ύδρευσης",
        "Το δημοτικό συμβούλιο ενέκρινε την Πέμπτη το βράδυ με είκοσι ψήφους έναντι επτά την κατασκευή νέου σταθμού ύδρευσης βόρεια της παλιάς πόλης.\n"
        "Ο δήμαρχος είπε μετά τη συνεδρίαση ότι η ξηρασία του καλοκαιριού άφησε πολλά σπίτια χωρίς νερό και ότι στα σχολεία το μετέφεραν με φορτηγά.\n"
        "Όσοι ψήφισαν κατά θεωρούν ότι το κόστος είναι υπερβολικό και ζητούν να επισκευαστούν πρώτα οι παλιοί σωλήνες.\n"
        "Τα έργα θα αρχίσουν την άνοιξη και τα μισά χρήματα θα δοθούν από δάνειο της περιφέρειας.",
    ),
    Printed(
        "tr",
        ("cp1254", "iso8859_9"),
        "Belediye meclisi yeni su arıtma tesisini onayladı",
        "Belediye meclisi perşembe akşamı eski şehrin kuzeyine yeni bir su arıtma tesisi yapılmasını yediye karşı yirmi oyla kabul etti.\n"
        "Başkan toplantıdan sonra yazın kuraklık yüzünden birçok evin susuz kaldığını, okullara ve hastanelere kamyonlarla su taşındığını söyledi.\n"
        "Karşı çıkanlar maliyetin çok yüksek olduğunu düşünüyor ve önce eski boruların onarılmasını istiyor; mühendislere göre suyun üçte biri yolda kayboluyor.\n"
        "İnşaat ilkbaharda başlayacak, paranın yarısı ilin vereceği borçla ödenecek.",
    ),
    Printed(
        "ar",
        ("cp1256", "iso8859_6"),
        "مجلس المدينة يوافق على محطة مياه جديدة",
        "وافق مجلس المدينة مساء الخميس بعشرين صوتا مقابل سبعة على بناء محطة جديدة للمياه شمال المدينة القديمة، ومن المتوقع أن تعمل بعد ثلاث سنوات.\n"
        "وقال رئيس البلدية بعد الجلسة إن جفاف الصيف ترك بيوتا كثيرة بلا ماء، وإن المدارس والمستشفيات نقلت إليها المياه بالشاحنات.\n"
        "ويرى المعارضون أن الكلفة مرتفعة جدا، ويطالبون بإصلاح الأنابيب القديمة أولا لأن ثلث المياه يضيع في الطريق.\n"
        "وتبدأ الأعمال في الربيع، ويأتي نصف المال من قرض تمنحه المحافظة.",
    ),
    Printed(
        "he",
        ("cp1255", "iso8859_8"),
        "מועצת העיר אישרה תחנת מים חדשה",
        "מועצת העיר אישרה ביום חמישי בערב ברוב של עשרים קולות מול שבעה את הקמתה של תחנת מים חדשה מצפון לעיר העתיקה.\n"
        "ראש העיר אמר אחרי הישיבה שבגלל הבצורת של הקיץ נשארו בתים רבים בלי מים, ולבתי הספר ולבתי החולים הביאו מים במשאיות.\n"
        "המתנגדים סבורים שהמחיר גבוה מדי ודורשים לתקן קודם את הצינורות הישנים, כי שליש מן המים הולך לאיבוד בדרך.\n"
        "העבודות יתחילו באביב, וחצי מן הכסף יבוא מהלוואה של המחוז.",
    ),
    Printed(
        "th",
        ("cp874", "tis_620"),
        "สภาเมืองอนุมัติโรงกรองน้ำแห่งใหม่",
        "สภาเมืองลงมติเมื่อคืนวันพฤหัสบดีด้วยคะแนนยี่สิบต่อเจ็ดเสียงให้สร้างโรงกรองน้ำแห่งใหม่ทางเหนือของเมืองเก่า คาดว่าจะแล้วเสร็จในอีกสามปี\n"
        "นายกเทศมนตรีกล่าวหลังการประชุมว่าความแห้งแล้งในฤดูร้อนทำให้บ้านหลายหลังไม่มีน้ำใช้ และต้องใช้รถบรรทุกขนน้ำไปส่งโรงเรียนกับโรงพยาบาล\n"
        "ฝ่ายที่คัดค้านเห็นว่าค่าใช้จ่ายสูงเกินไปและขอให้ซ่อมท่อเก่าก่อน เพราะน้ำหนึ่งในสามรั่วไหลไประหว่างทาง\n"
        "งานก่อสร้างจะเริ่มในปีหน้า เงินครึ่งหนึ่งมาจากเงินกู้ของจังหวัด",
    ),
    Printed(
        "pl",
        _CENTRAL,
        "Rada miasta zgodziła się na nową stację wodociągów",
        "Rada miasta w czwartek wieczorem dwudziestoma głosami przeciw siedmiu zgodziła się na budowę stacji wodociągów na północ od starówki.\n"
        "Burmistrz powiedział po posiedzeniu, że przez letnią suszę wielu mieszkańców zostało bez wody, a do szkół i szpitali wożono ją ciężarówkami.\n"
        "Przeciwnicy uważają, że koszt jest zbyt wysoki, i żądają, żeby najpierw naprawić stare rury, bo trzecia część wody ginie po drodze.\n"
        "Roboty zaczną się wiosną, połowę pieniędzy pożyczy województwo.",
    ),
    Printed(
        "cs",
        _CENTRAL,
        "Městská rada schválila novou vodárnu",
        "Městská rada ve čtvrtek večer schválila dvaceti hlasy proti sedmi stavbu nové vodárny na sever od starého města, hotová má být za tři roky.\n"
        "Starosta po jednání řekl, že kvůli letnímu suchu zůstalo mnoho domů bez vody a do škol a nemocnic ji vozily nákladní vozy.\n"
        "Odpůrci považují cenu za příliš vysokou a žádají, aby se nejdřív opravily staré trubky, protože třetina vody se ztrácí po cestě.\n"
        "Práce začnou na jaře, polovinu peněz půjčí kraj, zbytek zaplatí lidé ve vodném.",
    ),
    Printed(
        "hu",
        _CENTRAL,
        "A városi tanács jóváhagyta az új vízművet",
        "A városi tanács csütörtök este húsz szavazattal hét ellenében jóváhagyta, hogy az óvárostól északra új vízmű épüljön, amely három év múlva készül el.\n"
        "A polgármester az ülés után elmondta, hogy a nyári szárazság miatt sok ház víz nélkül maradt, az iskolákba és kórházakba teherautók hordták a vizet.\n"
        "Az ellenzők túl magasnak tartják az árat, és előbb a régi csövek javítását kérik, mert a víz harmada útközben elszivárog.\n"
        "A munka tavasszal kezdődik, a pénz felét a megye kölcsönzi.",
    ),
    Printed(
        "ro",
        _CENTRAL,
        "Consiliul oraşului a aprobat o staţie nouă de apă",
        "Consiliul a aprobat joi seara, cu douăzeci de voturi la şapte, construirea unei staţii de apă la nord de oraşul vechi, care va fi gata peste trei ani.\n"
        "Primarul a spus după şedinţă că seceta din vară a lăsat multe case fără apă, iar la şcoli şi la spitale aceasta a fost adusă cu camioanele.\n"
        "Cei care s-au opus cred că preţul este prea mare şi cer să fie reparate întâi ţevile vechi, fiindcă o treime din apă se pierde pe drum.\n"
        "Lucrările încep în primăvară, iar jumătate din bani vin dintr-un împrumut.",
    ),
    Printed(
        "hr",
        _CENTRAL,
        "Gradsko vijeće odobrilo novu vodovodnu stanicu",
        "Gradsko vijeće je u četvrtak navečer s dvadeset glasova protiv sedam odobrilo gradnju nove vodovodne stanice sjeverno od staroga grada.\n"
        "Gradonačelnik je nakon sjednice rekao da je zbog ljetne suše mnogo kuća ostalo bez vode, a u škole i bolnice dovozili su je kamioni.\n"
        "Protivnici drže da je cijena previsoka i traže da se najprije poprave stare cijevi, jer se trećina vode gubi putem, kažu inženjeri.\n"
        "Radovi počinju na proljeće, a polovicu novca posudit će županija.",
    ),
    Printed(
        "lt",
        _BALTIC,
        "Miesto taryba pritarė naujai vandens stočiai",
        "Miesto taryba ketvirtadienio vakarą dvidešimčia balsų prieš septynis pritarė naujos vandens stoties statybai į šiaurę nuo senamiesčio.\n"
        "Meras po posėdžio sakė, kad dėl vasaros sausros daug namų liko be vandens, o į mokyklas ir ligonines jis buvo vežamas sunkvežimiais.\n"
        "Priešininkai mano, kad kaina per didelė, ir prašo pirmiausia sutaisyti senus vamzdžius, nes trečdalis vandens dingsta pakeliui.\n"
        "Darbai prasidės pavasarį, pusę pinigų paskolins apskritis.",
    ),
    Printed(
        "lv",
        _BALTIC,
        "Pilsētas dome apstiprina jaunu ūdens staciju",
        "Pilsētas dome ceturtdienas vakarā ar divdesmit balsīm pret septiņām apstiprināja jaunas ūdens stacijas būvi uz ziemeļiem no vecpilsētas.\n"
        "Mērs pēc sēdes teica, ka vasaras sausuma dēļ daudzas mājas palika bez ūdens, bet uz skolām un slimnīcām to veda kravas automašīnas.\n"
        "Pretinieki uzskata, ka cena ir pārāk augsta, un prasa vispirms salabot vecās caurules, jo trešdaļa ūdens pazūd pa ceļam.\n"
        "Darbi sāksies pavasarī, pusi naudas aizdos novads.",
    ),
    Printed(
        "de",
        _WESTERN,
        "Stadtrat beschließt den Bau eines neuen Wasserwerks",
        "Der Stadtrat hat am Donnerstagabend mit zwanzig gegen sieben Stimmen beschlossen, nördlich der Altstadt ein neues Wasserwerk zu bauen.\n"
        "Die Bürgermeisterin sagte nach der Sitzung, wegen der Dürre im Sommer hätten viele Häuser kein Wasser gehabt, für Schulen und Krankenhäuser fuhren Lastwagen.\n"
        "Die Gegner halten den Preis für zu hoch und fordern, zuerst die alten Rohre zu flicken: Ein Drittel des Wassers geht nach Schätzung der Ingenieure verloren.\n"
        "Die Arbeiten beginnen im Frühjahr, die Hälfte des Geldes leiht das Land.",
    ),
    Printed(
        "fr",
        ("cp1252",),
        "Le conseil municipal approuve une nouvelle usine des eaux",
        "Le conseil municipal a approuvé jeudi soir, par vingt voix contre sept, la construction d’une usine des eaux au nord de la vieille ville.\n"
        "Le maire a déclaré après la séance que la sécheresse de l’été avait privé d’eau de nombreux foyers, et que les écoles avaient été ravitaillées par camions.\n"
        "Les opposants jugent le coût trop élevé et demandent que les vieux tuyaux soient d’abord réparés, car un tiers de l’eau se perd en chemin.\n"
        "Les travaux débuteront au printemps, la moitié de l’argent sera prêtée par la région.",
    ),
    Printed(
        "es",
        _WESTERN,
        "El ayuntamiento aprueba una nueva planta de agua",
        "El pleno del ayuntamiento aprobó el jueves por la noche, con veinte votos frente a siete, la construcción de una planta de agua al norte del casco antiguo.\n"
        "La alcaldesa dijo después de la sesión que la sequía del verano dejó sin agua muchas viviendas y que a los colegios llegó en camión.\n"
        "Quienes votaron en contra creen que el precio es demasiado alto y piden que se reparen antes las cañerías viejas: un tercio se pierde en el camino.\n"
        "Las obras empezarán el próximo año y la mitad del dinero será un préstamo de la región.",
    ),
    Printed(
        "pt",
        _WESTERN,
        "Câmara aprova nova estação de águas",
        "A câmara municipal aprovou na quinta-feira à noite, com vinte votos contra sete, a construção de uma estação de águas a norte da cidade velha.\n"
        "O presidente disse depois da sessão que a seca do verão deixou muitas casas sem água e que às escolas e aos hospitais ela chegou em camiões.\n"
        "Os opositores acham o preço demasiado alto e pedem que primeiro se consertem os canos velhos, pois um terço da água perde-se no caminho.\n"
        "As obras começam na primavera e metade do dinheiro será emprestada pela região.",
    ),
    Printed(
        "sv",
        _WESTERN,
        "Kommunen godkänner nytt vattenverk",
        "Kommunfullmäktige beslutade på torsdagskvällen med tjugo röster mot sju att bygga ett nytt vattenverk norr om den gamla staden.\n"
        "Borgmästaren sade efter mötet att sommarens torka lämnade många hus utan vatten och att det fick köras till skolor och sjukhus med lastbil.\n"
        "Motståndarna anser att priset är för högt och kräver att de gamla rören lagas först, eftersom en tredjedel av vattnet försvinner på vägen.\n"
        "Arbetet börjar till våren, och hälften av pengarna lånas av länet.",
    ),
    Printed(
        "fi",
        _WESTERN,
        "Kaupunginvaltuusto hyväksyi uuden vesilaitoksen",
        "Kaupunginvaltuusto päätti torstai-iltana äänin kaksikymmentä vastaan seitsemän, että vanhankaupungin pohjoispuolelle rakennetaan vesilaitos.\n"
        "Pormestari sanoi kokouksen jälkeen, että kesän kuivuus jätti monta taloa ilman vettä ja että kouluihin ja sairaaloihin sitä ajettiin kuorma-autoilla.\n"
        "Vastustajat pitävät hintaa liian korkeana ja vaativat, että vanhat putket korjataan ensin, sillä kolmasosa vedestä häviää matkalla.\n"
        "Työt alkavat keväällä, ja puolet rahoista lainaa maakunta.",
    ),
    Printed(
        "is",
        _WESTERN,
        "Bæjarráð samþykkir nýja vatnsveitu",
        "Bæjarráð samþykkti á fimmtudagskvöld með tuttugu atkvæðum gegn sjö að reisa nýja vatnsveitu norðan við gamla bæinn, og á hún að vera tilbúin eftir þrjú ár.\n"
        "Bæjarstjórinn sagði eftir fundinn að þurrkurinn í sumar hefði skilið mörg hús eftir vatnslaus og að vatn hefði verið flutt í skóla með bílum.\n"
        "Andstæðingar telja verðið of hátt og vilja að gömlu lagnirnar verði lagaðar fyrst, því að þriðjungur vatnsins tapast á leiðinni.\n"
        "Verkið hefst í vor, og helmingur fjárins er lán.",
    ),
)

SENTENCES = (
    (
        "zh",
        "gbk",
        "人民法院昨天开庭审理了这起交通案件。被告人张某承认自己酒后驾车，但否认逃离现场。",
    ),
    ("zh", "gbk", "北京时间8月14日，中国女排以3比1战胜对手，获得本届比赛的冠军。"),
    (
        "zh",
        "big5",
        "颱風昨晚從東部登陸，造成三人受傷，數千戶停電。鐵路公司表示，今天上午的列車全部停駛。",
    ),
    (
        "ja",
        "cp932",
        "台風十号は昨夜、東海地方に上陸し、三人がけがをした。鉄道各社は今日の午前中の運転を見合わせている。",
    ),
    (
        "ja",
        "euc_jp",
        "サッカー日本代表は十四日、親善試合で２対１と勝利した。監督は「若い選手がよく走った」と語った。",
    ),
    ("ja", "cp932", "新商品発売のお知らせ"),
    ("ja", "euc_jp", "株価、三日ぶりに反発"),
    ("ko", "cp949", "태풍이 어젯밤 동해안에 상륙해 세 명이 다치고 수천 가구가 정전됐다."),
    ("ko", "cp949", "축구 대표팀은 십사일 친선 경기에서 이 대 일로 이겼다."),
    ("ru", "koi8_r", "Вчера ночью ураган повалил сотни деревьев, трое пострадали."),
    ("ru", "cp1251", "«Зенит» обыграл «Спартак» со счётом 2:1, победный мяч забил Иванов."),
    ("ru", "cp866", "Вчера ночью ураган повалил сотни деревьев, трое пострадали."),
    ("ru", "iso8859_5", "Банк поднял ставку до 8 процентов годовых"),
    (
        "uk",
        "cp1251",
        "Уночі буревій повалив сотні дерев, троє людей постраждали, повідомили рятувальники.",
    ),
    ("uk", "koi8_u", "Учора її їжак з'їв п'ять яблук"),
    ("bg", "cp1251", "Снощи бурята събори стотици дървета, трима души са ранени."),
    (
        "el",
        "cp1253",
        "Ισχυρή καταιγίδα έπληξε χθες το βράδυ τα νησιά, τρεις άνθρωποι τραυματίστηκαν.",
    ),
    ("el", "iso8859_7", "Η ομάδα κέρδισε με 2-1 και πέρασε στον τελικό."),
    ("tr", "cp1254", "Dün gece çıkan fırtınada yüzlerce ağaç devrildi, üç kişi yaralandı."),
    ("tr", "iso8859_9", "Merkez Bankası faizi değiştirmedi; piyasalar kararı olumlu karşıladı."),
    (
        "ar",
        "cp1256",
        "ضربت عاصفة قوية الساحل ليلة أمس وأصيب ثلاثة أشخاص بجروح، بحسب الدفاع المدني.",
    ),
    ("fa", "cp1256", "توفان ديشب صدها درخت را انداخت و سه نفر زخمي شدند."),
    ("he", "cp1255", "סערה חזקה הכתה אמש בחוף ושלושה בני אדם נפצעו קל."),
    ("th", "cp874", "พายุพัดถล่มชายฝั่งเมื่อคืนนี้ มีผู้ได้รับบาดเจ็บสามคน"),
    (
        "pl",
        "cp1250",
        "Wichura powaliła w nocy setki drzew, trzy osoby zostały ranne. Strażacy wyjeżdżali dwieście razy.",
    ),
    ("pl", "iso8859_2", "Piłkarze Śląska wygrali z Łodzią 2:1; zwycięskiego gola strzelił Wąsik."),
    (
        "cs",
        "cp1250",
        "Vichřice v noci vyvrátila stovky stromů, tři lidé byli zraněni. Hasiči vyjížděli dvěstěkrát.",
    ),
    ("cs", "iso8859_2", "Fotbalisté vyhráli nad soupeřem 2:1, rozhodl Dvořák."),
    ("sk", "cp1250", "Víchrica v noci vyvrátila stovky stromov, traja ľudia sú zranení."),
    (
        "hu",
        "cp1250",
        "Az éjszakai vihar több száz fát döntött ki, három ember megsérült. A tűzoltók kétszáz helyre vonultak.",
    ),
    ("hu", "iso8859_2", "A válogatott kettő egyre győzött, a döntő gólt Szűcs lőtte."),
    (
        "ro",
        "cp1250",
        "Furtuna de azi-noapte a doborât sute de copaci; trei oameni au fost răniţi, anunţă pompierii.",
    ),
    (
        "hr",
        "cp1250",
        "Noćna oluja srušila je stotine stabala, troje je ljudi ozlijeđeno. Vatrogasci su izašli dvjesto puta.",
    ),
    (
        "sl",
        "cp1250",
        "Nočno neurje je podrlo na stotine dreves, trije ljudje so poškodovani, so sporočili gasilci.",
    ),
    ("lt", "cp1257", "Nakties audra išvertė šimtus medžių, sužeisti trys žmonės."),
    ("lv", "cp1257", "Nakts vētra nogāza simtiem koku, trīs cilvēki ievainoti."),
    (
        "et",
        "cp1257",
        "Öine torm murdis sadu puid, kolm inimest sai vigastada, teatas päästeamet. Šokk on suur.",
    ),
    (
        "de",
        "cp1252",
        "Ein Sturm hat in der Nacht Hunderte Bäume umgeworfen, drei Menschen wurden verletzt. „Das war heftig“, sagte Müller.",
    ),
    ("de", "cp1252", "Gaspreise steigen für Haushalte"),
    (
        "fr",
        "cp1252",
        "Une tempête a couché des centaines d’arbres dans la nuit ; trois personnes ont été blessées, selon les pompiers.",
    ),
    ("fr", "iso8859_15", "Le cœur de la ville a coûté 3 € par habitant, a déclaré l'élu."),
    (
        "es",
        "cp1252",
        "¿Cuánto costará? El temporal derribó cientos de árboles esta madrugada; tres personas resultaron heridas en Cádiz.",
    ),
    (
        "pt",
        "cp1252",
        "O temporal derrubou centenas de árvores durante a noite; três pessoas ficaram feridas, informou a proteção civil.",
    ),
    ("it", "cp1252", "La città è più sicura, perché c’è già un’altra società: così l’assessore."),
    (
        "sv",
        "cp1252",
        "Stormen fällde hundratals träd i natt och tre människor skadades, säger räddningstjänsten.",
    ),
    (
        "da",
        "cp1252",
        "Stormen væltede i nat hundredvis af træer, og tre mennesker kom til skade på Fyn.",
    ),
    ("no", "cp1252", "Stormen veltet i natt hundrevis av trær, og tre personer ble skadd på øya."),
    ("fi", "cp1252", "Myrsky kaatoi yöllä satoja puita, ja kolme ihmistä loukkaantui."),
    ("nl", "cp1252", "De premier zei dat het café in België geen coördinatie kreeg; reünie volgt."),
    ("en", "cp1252", "The fiancée’s résumé cost £20 — “naïve,” said Zoë Brontë."),
    ("en", "cp1252", "Temperatures rose to 40°C, and the £5 fee – now €6 – stays."),
    ("en", "mac_roman", "“We’re done,” he said—then left the café."),
    (
        "ca",
        "cp1252",
        "L’alcaldessa diu que la col·laboració és imprescindible per acabar l’obra el març.",
    ),
    (
        "sq",
        "cp1252",
        "Kryeministri tha se qeveria është gati të ndihmojë çdo familje që ka nevojë.",
    ),
    ("id", "cp1252", "Presiden mengatakan “harga beras tidak akan naik” tahun ini – kata menteri."),
    (
        "en",
        "cp1251",
        "Read more: Путин встретился с президентом; contact us at news@example.test for info.",
    ),
)
"""Language, codec and a sentence of its own: shorter, with names and numbers."""
