using Haq.Engine.Onnx;
using Haq.Engine.Runtime;
using Onnx;

namespace Haq.Engine.Data.Images;

/// <summary>The two small graphs that images go through: decode (ONNX Runtime Extensions), and resize with averaging as Pillow does it.</summary>
internal static class ImageGraphs
{
    private const string Extensions = "com.microsoft.extensions";

    public const string File = "file", Image = "image", Sizes = "sizes", Resized = "resized";

    /// <summary>The bytes of a JPEG or PNG file -> uint8 [1, C, H, W]: red first, or grey (C = 1), or the ink of a print file (C = 4).</summary>
    public static OrtSession Decoder()
    {
        var graph = NewGraph("decode");
        graph.Node(OnnxNode.Of("DecodeImage", [File], ["hwc"], domain: Extensions).With("color_space", "rgb"));
        graph.Node(OnnxNode.Of(OpNames.Transpose, ["hwc"], ["chw"]).With("perm", [2L, 0, 1]));
        graph.Node(OnnxNode.Of(OpNames.Unsqueeze, ["chw", "axis"], [Image]));
        graph.Constant(TensorData.OfBytes("axis", DataType.Int64, [1], new byte[8]));
        return Session(graph.Input(File, DataType.Uint8, -1).Output(Image, DataType.Uint8, 1, -1, -1, -1));
    }

    /// <summary>uint8 [1, C, H, W] and its new sizes -> uint8 of those sizes.</summary>
    public static OrtSession Resizer(Interpolation interpolation)
    {
        var resize = OnnxNode.Of("Resize", [Image, "", "", Sizes], [Resized]).With("coordinate_transformation_mode", "half_pixel");
        resize = interpolation switch
        {
            Interpolation.Nearest => resize.With("mode", "nearest").With("nearest_mode", "round_prefer_ceil"),
            Interpolation.Bilinear => resize.With("mode", "linear"),
            _ => resize.With("mode", "cubic").With("cubic_coeff_a", -0.5f),
        };
        // At the border the weights of the pixels that are there add up to one, as in Pillow.
        if (interpolation != Interpolation.Nearest) resize.With("antialias", 1L).With("exclude_outside", 1L);
        var graph = NewGraph("resize").Node(resize).Input(Image, DataType.Uint8, 1, -1, -1, -1).Input(Sizes, DataType.Int64, 4);
        return Session(graph.Output(Resized, DataType.Uint8, 1, -1, -1, -1));
    }

    private static ModelBuilder NewGraph(string name) => new ModelBuilder(name, opset: 18, irVersion: 8).Import(Extensions, 1);

    // One thread each: images are read side by side.
    private static OrtSession Session(ModelBuilder graph) =>
        new(graph.Build().ToBytes(), graph.Build().Name, new SessionSettings { Threads = 1, Configure = options => options.RegisterOrtExtensions() });
}
