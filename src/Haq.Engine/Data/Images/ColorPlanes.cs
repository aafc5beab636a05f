using Haq.Engine.Runtime;

namespace Haq.Engine.Data.Images;

/// <summary>Between grey, RGB and the CMYK of print files; planes of uint8 [1, C, H, W]. In the fixed point of Pillow's conversions.</summary>
internal static class ColorPlanes
{
    /// <summary>The image with that many channels, 1 or 3: itself, or a new one; null where a file has a number of channels that no image has.</summary>
    public static OrtTensor? Convert(OrtTensor image, int channels) => (image.Shape[1], channels) switch
    {
        (1, 1) or (3, 3) => image,
        (1, 3) => Repeat(image),
        (3, 1) => Luma(image),
        (4, 3) => FromCmyk(image),
        (4, 1) => LumaOfCmyk(image),
        _ => null,
    };

    private static OrtTensor Repeat(OrtTensor grey)
    {
        var color = OrtTensor.Zeros(DataType.Uint8, 1, 3, grey.Shape[2], grey.Shape[3]);
        for (int c = 0; c < 3; c++) grey.Bytes.CopyTo(color.Bytes[(c * grey.Bytes.Length)..]);
        return color;
    }

    // ITU-R BT.601.
    private static OrtTensor Luma(OrtTensor color)
    {
        var grey = OrtTensor.Zeros(DataType.Uint8, 1, 1, color.Shape[2], color.Shape[3]);
        ReadOnlySpan<byte> rgb = color.Bytes;
        Span<byte> luma = grey.Bytes;
        int n = luma.Length;
        for (int i = 0; i < n; i++) luma[i] = (byte)((rgb[i] * 19595 + rgb[n + i] * 38470 + rgb[2 * n + i] * 7471 + 0x8000) >> 16);
        return grey;
    }

    // Adobe's programs, and those that followed them, store ink inverted: 255 is none.
    private static OrtTensor FromCmyk(OrtTensor ink)
    {
        var color = OrtTensor.Zeros(DataType.Uint8, 1, 3, ink.Shape[2], ink.Shape[3]);
        ReadOnlySpan<byte> inverted = ink.Bytes;
        Span<byte> rgb = color.Bytes;
        int n = rgb.Length / 3;
        var black = inverted[(3 * n)..];
        for (int i = 0; i < rgb.Length; i++)
        {
            int key = black[i % n], product = (255 - inverted[i]) * key + 128;
            rgb[i] = (byte)(key - ((product + (product >> 8)) >> 8));
        }
        return color;
    }

    private static OrtTensor LumaOfCmyk(OrtTensor ink)
    {
        using var color = FromCmyk(ink);
        return Luma(color);
    }
}
