"""Words of the honesty report in English and Chinese: what is judged, and how it was found."""

from typing import Any, Final

from citytwin.city.schema import LAYERS
from citytwin.variables import VARIABLES

LANGUAGES: Final = ("en", "zh")
Words = tuple[str, str]

#: How the values of an aspect were found. Keys are written by the build; fields are its settings.
HOW: Final[dict[str, Words]] = {
    "known": ("as the source gives it", "取自数据源"),
    "heights": (
        (
            "from the source; else from parts of the building, or its levels times "
            "{storey_height:g} m; else {default_height:g} m is assumed"
        ),
        "取自数据源；否则由分部或层数乘 {storey_height:g} 米推算；再否则假定 {default_height:g} 米",
    ),
    "levels": (
        "from the source; else from the height, {storey_height:g} m a storey; else assumed",
        "取自数据源；否则由高度按每层 {storey_height:g} 米推算；再否则为假定",
    ),
    "kinds": (
        "use as the source names it; a building without one counts as mostly homes",
        "用途取自数据源；未注明用途的建筑按以居住为主计",
    ),
    "outlines": ("outlines as the source draws them", "轮廓取自数据源"),
    "floors": (
        "footprint times levels; real where the source counts the levels",
        "占地面积乘层数；数据源给出层数的记为源数据",
    ),
    "lengths": ("lines as the source draws them", "线形取自数据源"),
    "road_class": ("from the source's own kind of street", "取自数据源的道路类型"),
    "oneway": (
        "a street that the source does not mark counts as two-way",
        "数据源未标注的道路按双向通行计",
    ),
    "road_width": ("from a table of widths by class, not measured", "按道路等级查表，未实测"),
    "ground_contours": (
        (
            "a smooth surface through contour lines, without small dips and kerbs; outside the "
            "outermost contours it is assumed"
        ),
        "由等高线平滑插值，缺少小洼地和路缘石；最外侧等高线以外为假定",
    ),
    "ground_bare_earth": (
        "mean of the pixels of a bare-earth raster; cells without data are filled from neighbours",
        "裸地高程栅格的像元平均；无数据的单元由邻近单元填补",
    ),
    "ground_surface": (
        (
            "from a surface model with the roofs left out; trees and bridges are still in it; cells "
            "without data are filled from neighbours"
        ),
        "由地表模型剔除屋顶推算，仍含树木与桥梁；无数据的单元由邻近单元填补",
    ),
    "ground_none": (
        "no source of the recipe has a ground",
        "配方中没有地面高程数据源",
    ),
    "cover": (
        "class of the land from the sources; elsewhere taken as '{default}'",
        "地表类别取自数据源；其余按“{default}”计",
    ),
    "cover_raster": (
        "class of the land from outlines, elsewhere from a raster; cells without data are assumed",
        "地表类别取自矢量轮廓，其余取自栅格；无数据的单元为假定",
    ),
    "manning": (
        (
            "by class of land from a table: derived where the coefficient was checked against its "
            "source, assumed where it was judged or the class is"
        ),
        "按地表类别查表：系数经核对的记为推算，凭经验判断或类别为假定的记为假定",
    ),
    "pervious": (
        "by class of land from a table, judged and not measured",
        "按地表类别查表，凭经验判断，未实测",
    ),
    "people_modelled": (
        "modelled, not counted: floor area of homes, {floor_area_per_person:g} m² a person",
        "推算值，非普查：按住宅建筑面积每人 {floor_area_per_person:g} 平方米",
    ),
    "people_counted": (
        "counted by area and moved onto the homes there; assumed where no area counts them",
        "按统计单元计数后分配到住宅；无统计单元处为假定",
    ),
    "water_bed": (
        "no source gives the bed of waters: their surface counts as ground",
        "无水下地形：以水面作为地面",
    ),
}

_LAYERS: Final[dict[str, Words]] = {
    "cells": ("Cells", "单元"),
    "buildings": ("Buildings", "建筑"),
    "building_parts": ("Building parts", "建筑分部"),
    "roads": ("Streets and paths", "道路"),
    "railways": ("Railways", "铁路"),
    "landuse": ("Land use", "用地"),
    "landcover": ("Land cover", "地表覆盖"),
    "water": ("Water", "水面"),
    "waterways": ("Waterways", "水系"),
    "coastline": ("Coastline", "海岸线"),
    "barriers": ("Walls and dykes", "墙与堤"),
    "contours": ("Contour lines", "等高线"),
    "peaks": ("Peaks", "山峰"),
    "pois": ("Places to go", "兴趣点"),
    "facilities": ("Hospitals, fire stations, schools", "医院、消防站、学校等"),
    "components": ("Hydrants, lamps and other parts", "消火栓、路灯等部件"),
    "places": ("Names of quarters", "地名"),
    "boundaries": ("Districts", "行政区"),
    "stops": ("Stops of public transport", "公交站点"),
    "shelters": ("Shelters", "避难场所"),
    "sensors": ("Sensors", "传感器"),
    "population": ("Census areas", "人口统计单元"),
}
_ASPECTS: Final[dict[str, Words]] = {
    "height": ("height", "高度"),
    "min_height": ("height of the bottom", "底部高度"),
    "roof_height": ("height of the roof", "屋顶高度"),
    "levels": ("storeys", "层数"),
    "kind": ("kind", "类型"),
    "class": ("class", "类别"),
    "name": ("name", "名称"),
    "year": ("year of construction", "建成年份"),
    "material": ("material of the walls", "墙体材料"),
    "width": ("width", "宽度"),
    "oneway": ("one way", "单行"),
    "lanes": ("lanes", "车道数"),
    "speed_limit": ("speed limit", "限速"),
    "surface": ("surface", "路面"),
    "elevation": ("height", "高程"),
    "capacity": ("capacity", "容量"),
    "admin_level": ("level", "级别"),
    "departures": ("departures", "班次"),
    "routes": ("lines", "线路"),
    "hazards": ("hazards that it is for", "适用灾种"),
    "unit": ("unit", "单位"),
    "people": ("people", "人口"),
    "bed": ("bed below the water", "水下地形"),
}
_VARIABLES: Final[dict[str, Words]] = {
    "ground_elevation": ("Height of the ground", "地面高程"),
    "cover": ("Class of the open ground", "地表类别"),
    "manning": ("Roughness of the ground", "地面糙率"),
    "pervious_share": ("Ground that takes water", "地面透水率"),
    "grass_share": ("Ground under grass", "草地覆盖"),
    "shrub_share": ("Ground under shrubs", "灌木覆盖"),
    "tree_share": ("Ground under trees", "林木覆盖"),
    "building_cover": ("Ground under buildings", "建筑覆盖"),
    "building_area": ("Ground under buildings", "建筑占地"),
    "water_share": ("Ground under water", "水面覆盖"),
    "floor_area": ("Floor area", "建筑面积"),
    "people": ("Residents", "常住人口"),
    "street_length": ("Length of streets", "道路长度"),
}
_CHECKS: Final[dict[str, Words]] = {
    "overlaps": ("pairs of buildings that overlap by 1 m² or more", "对建筑重叠 1 平方米以上"),
    "same_place": (
        "of these, pairs that share at least {share_from:.0%} of their ground: one building twice",
        "其中占地重合 {share_from:.0%} 以上、疑为同一建筑的对数",
    ),
    "no_streets": (
        "cells with buildings farther than {metres:g} m from any street: streets may be missing",
        "个有建筑的单元距任何道路超过 {metres:g} 米：可能缺少道路数据",
    ),
    "no_buildings": (
        (
            "cells with residential streets farther than {metres:g} m from any building: "
            "buildings may be missing"
        ),
        "个有居住区道路的单元距任何建筑超过 {metres:g} 米：可能缺少建筑数据",
    ),
    "nothing": (
        (
            "cells farther than {metres:g} m from anything that a source shows: the box may be larger "
            "than the data"
        ),
        "个单元距任何数据要素超过 {metres:g} 米：城市范围可能大于数据范围",
    ),
    "no_ground": (
        "cells whose ground is filled in, not measured",
        "个单元的地面高程由填补得到，并非实测",
    ),
}
_FAULTS: Final[dict[str, str]] = {
    "has no geometry": "没有几何",
    "has coordinates that are no numbers": "坐标不是数字",
    "has coordinates that are not longitude and latitude": "坐标不是经纬度",
    "reaches round the world across the antimeridian": "跨越日期变更线",
    "stands there twice": "重复要素",
    "some of its ways are not in the file": "部分组成线不在文件中",
    "it has the same outline as …": "与其他要素轮廓相同",
    "its ways do not close to a ring, or cross": "组成线不闭合或相交",
    "the file lacks … of its … nodes": "文件缺少其部分节点",
    "it has one node only": "只有一个节点",
    "its geometry is broken": "几何损坏",
    "it has no coordinates": "没有坐标",
    "it has no longitude and latitude": "没有经纬度",
    "has no extent": "没有面积或长度",
    "self-intersection": "自相交",
    "ring self-intersection": "环自相交",
    "hole lies outside shell": "孔洞在外环之外",
    "nested shells": "外环嵌套",
    "nested holes": "孔洞嵌套",
    "interior is disconnected": "内部不连通",
    "duplicate rings": "环重复",
    "too few points in geometry component": "节点过少",
    "height … is no height of a building": "高度值不可能",
    "levels … is no levels of a building": "层数值不可能",
}


def pick(words: Words, language: str) -> str:
    """The words of a language."""
    return words[1 if language == "zh" else 0]


def how(key: str, facts: dict[str, Any], language: str = "en") -> str:
    """How the values of an aspect were found; a key of another version is given as it is."""
    return pick(HOW[key], language).format(**facts) if key in HOW else key


def aspect_title(layer: str, aspect: str, language: str = "en") -> str:
    """What is judged, such as ``Buildings: height``."""
    if layer == "cells":
        return variable_title(aspect, language)
    name = pick(_ASPECTS.get(aspect, (aspect.replace("_", " "),) * 2), language)
    gap = "：" if language == "zh" else ": "
    return f"{layer_title(layer, language)}{gap}{name}"


def layer_title(layer: str, language: str = "en") -> str:
    """Name of a layer for people."""
    known = _LAYERS.get(layer)
    return pick(known, language) if known else LAYERS[layer].description


def variable_title(name: str, language: str = "en") -> str:
    """Name of a quantity on cells for people."""
    if name in _VARIABLES:
        return pick(_VARIABLES[name], language)
    return VARIABLES[name].description if name in VARIABLES else name.replace("_", " ")


def missing_title(name: str, language: str = "en") -> str:
    """Name of a quantity that a city lacks, as it stands in a sentence."""
    if name == "ground_elevation":
        return "地面高程" if language == "zh" else "ground, that is no heights of its terrain"
    title = variable_title(name, language)
    return title if language == "zh" else title[:1].lower() + title[1:]


def check_words(name: str, facts: dict[str, Any], language: str = "en") -> str:
    """What a check counted."""
    return pick(_CHECKS[name], language).format(**facts) if name in _CHECKS else name


def fault_words(fault: str, language: str = "en") -> str:
    """What is wrong with a feature; what has no translation stays in English."""
    return _FAULTS.get(fault, fault) if language == "zh" else fault
