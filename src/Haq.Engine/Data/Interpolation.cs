namespace Haq.Engine.Data;

/// <summary>How an image is resized. All but nearest average over the source when they shrink.</summary>
public enum Interpolation
{
    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>Triangle filter.</summary>
    Bilinear,

    /// <summary>Cubic filter, coefficient -0.5.</summary>
    Bicubic,
}
