using System.Collections.Immutable;
using Haq.Engine.Data;

namespace Haq.Engine.Manifest.Keys;

/// <summary><c>preprocess:</c>.</summary>
internal static class PreprocessKeys
{
    private static readonly PreprocessOptions s_none = PreprocessOptions.None;

    private static readonly ValueKind<ImmutableArray<int>> s_side = Kinds.ListOf(Kinds.Integer(1, 65_536), single: true, max: 2);

    private static readonly ValueKind<ImmutableArray<double>> s_perChannel = Kinds.ListOf(Kinds.Number(-1e9, 1e9), single: true);

    private static readonly Key<double> s_scale = new("scale", Kinds.Number(1e-9, 1e9), s_none.Scale, "1", "divides every stored value first; 255 makes bytes 0..1");

    private static readonly Key<ImmutableArray<double>> s_mean = new("mean", s_perChannel, s_none.Mean, "0", "subtracted next: one value, or one per channel");

    private static readonly Key<ImmutableArray<double>> s_std = new(
        "std", Kinds.ListOf(Kinds.Number(1e-9, 1e9), single: true), s_none.Std, "1", "divides last: one value, or one per channel");

    private static readonly Key<ImmutableArray<int>> s_resize = new("resize", s_side, s_none.Resize, "[224, 224]",
        "images: the length that the shorter side gets, or [height, width] exactly");

    private static readonly Key<ImmutableArray<int>> s_crop = new("crop", s_side, s_none.Crop, "224", "images: the central square of that side, or [height, width]");

    private static readonly Key<Interpolation> s_interpolation = new("interpolation", Kinds.OneOf<Interpolation>(), s_none.Interpolation, "bilinear",
        "images: how they are resized; bilinear and bicubic average when they shrink");

    private static readonly Key<ColorOrder> s_color = new("color", Kinds.OneOf<ColorOrder>(), s_none.Color, "rgb", "the channel order that the model wants; data sets are stored as rgb");

    private static readonly Key<TensorLayout?> s_layout = new("layout", Kinds.Optional(Kinds.OneOf<TensorLayout>()), null, "nchw",
        "the layout that the model wants; by default found from its input's shape");

    public static readonly KeyGroup Group = new(s_scale, s_mean, s_std, s_resize, s_crop, s_interpolation, s_color, s_layout);

    public static readonly ValueKind<PreprocessOptions> Kind = Kinds.Mapping(Group, section => new PreprocessOptions
    {
        Scale = section.Get(s_scale),
        Mean = section.Get(s_mean),
        Std = section.Get(s_std),
        Resize = section.Get(s_resize),
        Crop = section.Get(s_crop),
        Interpolation = section.Get(s_interpolation),
        Color = section.Get(s_color),
        Layout = section.Get(s_layout),
    });
}
