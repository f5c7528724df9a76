"""The nouns: English singular and plural, Spanish singular, gender, and tags that say what each can go with.

A noun of occupation takes the masculine, which Spanish uses when nothing says otherwise, so that the English
sentence alone determines the Spanish one. A dash stands for the plural of what is not counted.
"""

from typing import cast

from seq2seq_tfx.components.quickstart.words import Gender, Noun

_TABLES = {
    "person": """
        man         men           hombre       m
        woman       women         mujer        f
        boy         boys          niño         m
        girl        girls         niña         f
        king        kings         rey          m
        queen       queens        reina        f
        father      fathers       padre        m
        mother      mothers       madre        f
        brother     brothers      hermano      m
        sister      sisters       hermana      f
        son         sons          hijo         m
        daughter    daughters     hija         f
        uncle       uncles        tío          m
        aunt        aunts         tía          f
        grandfather grandfathers  abuelo       m
        grandmother grandmothers  abuela       f
        nephew      nephews       sobrino      m
        niece       nieces        sobrina      f
        actor       actors        actor        m
        actress     actresses     actriz       f
        waiter      waiters       camarero     m
        waitress    waitresses    camarera     f
        prince      princes       príncipe     m
        princess    princesses    princesa     f
        doctor      doctors       médico       m
        teacher     teachers      profesor     m
        student     students      estudiante   m
        baker       bakers        panadero     m
        farmer      farmers       granjero     m
        lawyer      lawyers       abogado      m
        painter     painters      pintor       m
        writer      writers       escritor     m
        neighbour   neighbours    vecino       m
        friend      friends       amigo        m
        judge       judges        juez         m
        poet        poets         poeta        m
        dentist     dentists      dentista     m
        tourist     tourists      turista      m
    """,
    "animal": """
        dog         dogs          perro        m
        cat         cats          gato         m
        horse       horses        caballo      m
        cow         cows          vaca         f
        bird        birds         pájaro       m
        rabbit      rabbits       conejo       m
        hen         hens          gallina      f
        lion        lions         león         m
        tiger       tigers        tigre        m
        wolf        wolves        lobo         m
        snake       snakes        serpiente    f
        eagle       eagles        águila       f
        duck        ducks         pato         m
        monkey      monkeys       mono         m
    """,
    "food": """
        apple       apples        manzana      f  washable
        orange      oranges       naranja      f  washable
        lemon       lemons        limón        m  washable
        strawberry  strawberries  fresa        f  washable
        tomato      tomatoes      tomate       m  washable cookable
        potato      potatoes      patata       f  washable cookable
        onion       onions        cebolla      f  washable cookable
        egg         eggs          huevo        m  cookable
        cake        cakes         pastel       m  cookable made
        sandwich    sandwiches    bocadillo    m  made
        biscuit     biscuits      galleta      f  made
        carrot      carrots       zanahoria    f  washable cookable
        salad       salads        ensalada     f  made
        bread       -             pan          m  made
        cheese      -             queso        m  made
        meat        -             carne        f  cookable
        rice        -             arroz        m  cookable
        soup        -             sopa         f  cookable made
        fish        -             pescado      m  cookable
        honey       -             miel         f
        butter      -             mantequilla  f  made
        chocolate   -             chocolate    m
    """,
    "drink": """
        water       -             agua         f
        milk        -             leche        f
        wine        -             vino         m  made
        coffee      -             café         m  made
        tea         -             té           m  made
        beer        -             cerveza      f  made
        juice       -             zumo         m  made
        lemonade    -             limonada     f  made
    """,
    "clothing": """
        shirt       shirts        camisa       f
        skirt       skirts        falda        f
        dress       dresses       vestido      m  made
        coat        coats         abrigo       m
        hat         hats          sombrero     m  made
        shoe        shoes         zapato       m
        boot        boots         bota         f
        scarf       scarves       bufanda      f
        jacket      jackets       chaqueta     f
        tie         ties          corbata      f
        glove       gloves        guante       m
        belt        belts         cinturón     m
        suit        suits         traje        m
        blouse      blouses       blusa        f
        umbrella    umbrellas     paraguas     m
    """,
    "object": """
        key         keys          llave        f
        bag         bags          bolsa        f  openable container
        box         boxes         caja         f  openable container
        cup         cups          taza         f  washable fragile container
        glass       glasses       vaso         m  washable fragile container
        plate       plates        plato        m  washable fragile
        knife       knives        cuchillo     m  washable
        fork        forks         tenedor      m  washable
        spoon       spoons        cuchara      f  washable
        bottle      bottles       botella      f  washable openable fragile container
        pencil      pencils       lápiz        m
        clock       clocks        reloj        m  fragile machine
        lamp        lamps         lámpara      f  fragile machine
        mirror      mirrors       espejo       m  fragile
        camera      cameras       cámara       f  fragile machine
        telephone   telephones    teléfono     m  fragile machine
        computer    computers     ordenador    m  machine
        guitar      guitars       guitarra     f  fragile machine
        ball        balls         pelota       f
        doll        dolls         muñeca       f  fragile
        candle      candles       vela         f  made
        basket      baskets       cesta        f  container made
        blanket     blankets      manta        f  washable
        towel       towels        toalla       f  washable
        suitcase    suitcases     maleta       f  openable container
        toy         toys          juguete      m  fragile
        flower      flowers       flor         f
        coin        coins         moneda       f
    """,
    "furniture": """
        table       tables        mesa         f  surface
        chair       chairs        silla        f  surface
        bed         beds          cama         f  surface
        door        doors         puerta       f  openable
        window      windows       ventana      f  openable fragile
        cupboard    cupboards     armario      m  openable container
        sofa        sofas         sofá         m  surface
        wall        walls         pared        f  built
        drawer      drawers       cajón        m  openable container
    """,
    "vehicle": """
        car         cars          coche        m
        bicycle     bicycles      bicicleta    f
        lorry       lorries       camión       m
        boat        boats         barco        m
        train       trains        tren         m
        plane       planes        avión        m
        motorbike   motorbikes    moto         f
        bus         buses         autobús      m
    """,
    "text": """
        letter      letters       carta        f  written
        book        books         libro        m  written openable
        newspaper   newspapers    periódico    m  openable
        poem        poems         poema        m  written
        story       stories       cuento       m  written
        novel       novels        novela       f  written
        map         maps          mapa         m  openable
        song        songs         canción      f  written
        postcard    postcards     postal       f  written
        message     messages      mensaje      m  written
        dictionary  dictionaries  diccionario  m  written openable
        photo       photos        foto         f
    """,
    "place": """
        house       houses        casa         f  in building
        kitchen     kitchens      cocina       f  in room
        garden      gardens       jardín       m  in room
        market      markets       mercado      m  at building public
        school      schools       escuela      f  at building public
        hospital    hospitals     hospital     m  at building
        church      churches      iglesia      f  in building public
        park        parks         parque       m  in
        beach       beaches       playa        f  on
        street      streets       calle        f  in
        square      squares       plaza        f  in
        office      offices       oficina      f  in room public
        library     libraries     biblioteca   f  in building public
        restaurant  restaurants   restaurante  m  in building room public
        hotel       hotels        hotel        m  at building public
        station     stations      estación     f  at building
        museum      museums       museo        m  at building public
        bank        banks         banco        m  at building public
        shop        shops         tienda       f  in room public
        castle      castles       castillo     m  in building
        bridge      bridges       puente       m  on building
        village     villages      pueblo       m  in
        city        cities        ciudad       f  in
        forest      forests       bosque       m  in
        island      islands       isla         f  on
        theatre     theatres      teatro       m  at building public
        cinema      cinemas       cine         m  at building public
        farm        farms         granja       f  on
        factory     factories     fábrica      f  in building
        bakery      bakeries      panadería    f  at room public
        tower       towers        torre        f  in building
        garage      garages       garaje       m  in room
    """,
}


def _read(kind: str, line: str) -> Noun:
    singular, plural, spanish, gender, *tags = line.split()
    kinds = frozenset({kind, *tags})
    return Noun(singular, "" if plural == "-" else plural, spanish, cast(Gender, gender), kinds)


NOUNS = tuple(_read(kind, line) for kind, table in _TABLES.items() for line in table.splitlines() if line.strip())
"""All nouns, in a fixed order."""

NOUN_BY_ENGLISH = {noun.singular: noun for noun in NOUNS}


def nouns_of(kinds: frozenset[str]) -> tuple[Noun, ...]:
    """The nouns that have at least one of the kinds, in the order of the tables."""
    return tuple(noun for noun in NOUNS if noun.kinds & kinds)
