"""Writes meshes as binary glTF 2.0 (Khronos, 2017), the part of it that deck.gl needs.

Colours come from a picture alone: the light is painted into it, so the material is unlit.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, UINT = 5126, 5125
VERTICES, INDICES = 34962, 34963
LINEAR, LINEAR_MIPMAP, CLAMP = 9729, 9987, 33071


@dataclass(frozen=True)
class Mesh:
    """Triangles with a picture on them.

    Attributes
    ----------
    positions
        (n, 3) float32 east, north and up [m] from the anchor.
    uv
        (n, 2) float32 place in the picture, 0 to 1 from its upper left.
    triangles
        (m, 3) uint32 vertices of each triangle.
    picture
        JPEG or PNG file.
    mipmap
        Whether the picture may be reduced when seen from afar; false for a palette.
    """

    positions: NDArray[np.float32]
    uv: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    picture: bytes
    mipmap: bool = True


def write_glb(mesh: Mesh) -> bytes:
    """The mesh as one binary glTF file."""
    parts = [
        np.ascontiguousarray(mesh.positions, dtype="<f4").tobytes(),
        np.ascontiguousarray(mesh.uv, dtype="<f4").tobytes(),
        np.ascontiguousarray(mesh.triangles, dtype="<u4").tobytes(),
        mesh.picture,
    ]
    padded = [part + b"\0" * (-len(part) % 4) for part in parts]
    starts = np.concatenate([[0], np.cumsum([len(part) for part in padded])]).tolist()
    document = _document(mesh, [len(part) for part in parts], starts)
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(padded)
    total = 12 + 8 + len(text) + 8 + len(body)
    return (
        struct.pack("<4sII", b"glTF", 2, total)
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(body), b"BIN\0")
        + body
    )


def _document(mesh: Mesh, lengths: list[int], starts: list[int]) -> dict[str, Any]:
    """The JSON half of the file."""
    views: list[dict[str, Any]] = [
        {"buffer": 0, "byteOffset": start, "byteLength": length}
        for start, length in zip(starts, lengths, strict=False)
    ]
    views[0]["target"] = views[1]["target"] = VERTICES
    views[2]["target"] = INDICES
    count = len(mesh.positions)
    accessors = [
        {
            "bufferView": 0,
            "componentType": FLOAT,
            "count": count,
            "type": "VEC3",
            "min": mesh.positions.min(axis=0).tolist(),
            "max": mesh.positions.max(axis=0).tolist(),
        },
        {"bufferView": 1, "componentType": FLOAT, "count": count, "type": "VEC2"},
        {"bufferView": 2, "componentType": UINT, "count": mesh.triangles.size, "type": "SCALAR"},
    ]
    primitive = {
        "attributes": {"POSITION": 0, "TEXCOORD_0": 1},
        "indices": 2,
        "material": 0,
    }
    kind = "image/png" if mesh.picture.startswith(b"\x89PNG") else "image/jpeg"
    return {
        "asset": {"version": "2.0", "generator": "citytwin"},
        "extensionsUsed": ["KHR_materials_unlit"],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [
            {
                "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicFactor": 0},
                "extensions": {"KHR_materials_unlit": {}},
                "doubleSided": True,
            }
        ],
        "textures": [{"source": 0, "sampler": 0}],
        "samplers": [
            {
                "magFilter": LINEAR,
                "minFilter": LINEAR_MIPMAP if mesh.mipmap else LINEAR,
                "wrapS": CLAMP,
                "wrapT": CLAMP,
            }
        ],
        "images": [{"bufferView": 3, "mimeType": kind}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": starts[-1]}],
    }
