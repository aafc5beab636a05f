using Google.Protobuf;
using Haq.Engine.Graphs;
using Haq.Engine.Onnx;
using Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data.Images;

/// <summary>The two small graphs that images go through: decode (ONNX Runtime Extensions), and resize with averaging as Pillow does it.</summary>
internal static class ImageGraphs
{
    public const string File = "file", Image = "image", Sizes = "sizes", Resized = "resized";

    /// <summary>The bytes of a JPEG or PNG file -> uint8 [1, C, H, W]: red first, or grey (C = 1), or the ink of a print file (C = 4).</summary>
    public static OrtSession Decoder()
    {
        var graph = new GraphProto { Name = "decode" };
        graph.Node.Add(new NodeProto
        {
            OpType = "DecodeImage",
            Domain = "com.microsoft.extensions",
            Input = { File },
            Output = { "hwc" },
            Attribute = { new AttributeProto { Name = "color_space", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8("rgb") } },
        });
        graph.Node.Add(Transpose("hwc", "chw", 2, 0, 1));
        graph.Node.Add(new NodeProto { OpType = "Unsqueeze", Input = { "chw", "axis" }, Output = { Image } });
        graph.Initializer.Add(TensorData.OfBytes("axis", DataType.Int64, [1], new byte[8]));
        graph.Input.Add(Value(File, DataType.Uint8, -1));
        graph.Output.Add(Value(Image, DataType.Uint8, 1, -1, -1, -1));
        return Session(graph);
    }

    /// <summary>uint8 [1, C, H, W] and its new sizes -> uint8 of those sizes.</summary>
    public static OrtSession Resizer(Interpolation interpolation)
    {
        var resize = new NodeProto { OpType = "Resize", Input = { Image, "", "", Sizes }, Output = { Resized } };
        void Text(string name, string value) =>
            resize.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) });
        Text("coordinate_transformation_mode", "half_pixel");
        switch (interpolation)
        {
            case Interpolation.Nearest:
                Text("mode", "nearest");
                Text("nearest_mode", "round_prefer_ceil");
                break;
            case Interpolation.Bilinear:
                Text("mode", "linear");
                break;
            default:
                Text("mode", "cubic");
                resize.Attribute.Add(new AttributeProto { Name = "cubic_coeff_a", Type = AttributeProto.Types.AttributeType.Float, F = -0.5f });
                break;
        }
        if (interpolation != Interpolation.Nearest)
        {
            resize.Attribute.Add(Flag("antialias"));
            // At the border the weights of the pixels that are there add up to one, as in Pillow.
            resize.Attribute.Add(Flag("exclude_outside"));
        }
        var graph = new GraphProto { Name = "resize" };
        graph.Node.Add(resize);
        graph.Input.Add(Value(Image, DataType.Uint8, 1, -1, -1, -1));
        graph.Input.Add(Value(Sizes, DataType.Int64, 4));
        graph.Output.Add(Value(Resized, DataType.Uint8, 1, -1, -1, -1));
        return Session(graph);
    }

    private static OrtSession Session(GraphProto graph)
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "haq", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 18 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft.extensions", Version = 1 });
        // One thread each: images are read side by side.
        return new OrtSession(model.ToByteArray(), graph.Name, new SessionSettings { Threads = 1, Configure = options => options.RegisterOrtExtensions() });
    }

    private static NodeProto Transpose(string from, string to, params ReadOnlySpan<long> axes)
    {
        var node = new NodeProto { OpType = "Transpose", Input = { from }, Output = { to } };
        node.Attribute.Add(new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints, Ints = { axes.ToArray() } });
        return node;
    }

    private static AttributeProto Flag(string name) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = 1 };

    private static ValueInfoProto Value(string name, DataType type, params ReadOnlySpan<long> shape)
    {
        var dims = new TensorShapeProto();
        foreach (long extent in shape) dims.Dim.Add(extent < 0 ? new TensorShapeProto.Types.Dimension() : new TensorShapeProto.Types.Dimension { DimValue = extent });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } } };
    }
}
