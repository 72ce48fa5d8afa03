"""Photos and video: where the faces are, how they are cut out, and what they express.

Conventions. Pictures are uint8 RGB (H, W, 3), upright. Boxes are in pixels of the picture, x to
the right and y down, and may be fractions of a pixel. "Left" and "right" are those of the picture,
not of the person. Faces for the networks are grey uint8 (N, 48, 48).
"""
