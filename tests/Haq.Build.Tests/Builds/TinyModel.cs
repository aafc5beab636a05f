using Google.Protobuf;
using Haq.Engine.Numerics;
using Onnx;

namespace Haq.Build.Tests.Builds;

/// <summary>A small network, two convolutions and a classifier on 8×8 images, that the engine quantizes in a moment, and random images for it.</summary>
internal static class TinyModel
{
    /// <summary>One width everywhere: nothing to search.</summary>
    public const string Manifest = """
        model: tiny.onnx
        hardware: bismo-edge
        bits: {weights: 4, activations: 8}
        data:
          calibration: images.npy

        """;

    private const int Samples = 64;

    public static void Write(string folder, int seed)
    {
        Directory.CreateDirectory(folder);
        var random = new SeededRandom((ulong)seed);
        File.WriteAllBytes(Path.Combine(folder, "tiny.onnx"), Network(random.Fork("weights")).ToByteArray());
        WriteNpy(Path.Combine(folder, "images.npy"), [Samples, 1, 8, 8], random.Fork("images"));
    }

    /// <summary>A network as small for images of 300 kB, and so many of them, with a manifest that builds it at 8 bits.</summary>
    public static void WriteLarge(string folder, int samples)
    {
        const int channels = 3, extent = 160, stride = 8;
        Directory.CreateDirectory(folder);
        var random = new SeededRandom(7);
        File.WriteAllBytes(Path.Combine(folder, "tiny.onnx"), Network(random.Fork("weights"), channels, extent, stride).ToByteArray());
        float[] images = new float[7 * channels * extent * extent];
        for (int i = 0; i < images.Length; i++) images[i] = (float)random.NextNormal();
        using (var file = File.Create(Path.Combine(folder, "images.npy")))
        {
            using (var head = new BinaryWriter(file, System.Text.Encoding.ASCII, leaveOpen: true)) WriteHead(head, [samples, channels, extent, extent]);
            var image = System.Runtime.InteropServices.MemoryMarshal.AsBytes(images.AsSpan());
            for (int i = 0; i < samples; i++) file.Write(image.Slice(i % 7 * image.Length / 7, image.Length / 7));
        }
        File.WriteAllText(Path.Combine(folder, "haq.yaml"), "model: tiny.onnx\nhardware: bismo-edge\nbits: 8\ngate: warning\ndata:\n  evaluation: images.npy\n");
    }

    private static ModelProto Network(SeededRandom random, int channels = 1, int extent = 8, int stride = 1)
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(Tensor("image", channels, extent, extent));
        graph.Output.Add(Tensor("logits", 10));
        AddWeights("w1", 8, channels, 3, 3);
        AddWeights("w2", 16, 8, 3, 3);
        AddWeights("w3", 10, 16);
        var first = AddNode("Conv", "first", ["image", "w1"], "a1");
        if (stride > 1) first.Attribute.Add(new AttributeProto { Name = "strides", Type = AttributeProto.Types.AttributeType.Ints, Ints = { stride, stride } });
        AddNode("Relu", "relu1", ["a1"], "r1");
        AddNode("Conv", "second", ["r1", "w2"], "a2");
        AddNode("Relu", "relu2", ["a2"], "r2");
        AddNode("GlobalAveragePool", "pool", ["r2"], "p");
        AddNode("Flatten", "flat", ["p"], "f");
        AddNode("Gemm", "classifier", ["f", "w3"], "logits").Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };

        void AddWeights(string name, params long[] shape)
        {
            var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
            tensor.Dims.AddRange(shape);
            long count = shape.Aggregate(1L, (product, length) => product * length);
            for (long i = 0; i < count; i++) tensor.FloatData.Add((float)(random.NextDouble() - 0.5));
            graph.Initializer.Add(tensor);
        }

        NodeProto AddNode(string op, string name, string[] inputs, string output)
        {
            var node = new NodeProto { OpType = op, Name = name, Input = { inputs }, Output = { output } };
            graph.Node.Add(node);
            return node;
        }
    }

    private static ValueInfoProto Tensor(string name, params long[] shape)
    {
        var dimensions = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        dimensions.Dim.AddRange(shape.Select(length => new TensorShapeProto.Types.Dimension { DimValue = length }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dimensions } },
        };
    }

    // NumPy's format 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, the values.
    private static void WriteNpy(string path, int[] shape, SeededRandom random)
    {
        using var writer = new BinaryWriter(File.Create(path));
        WriteHead(writer, shape);
        for (int i = shape.Aggregate(1, (product, length) => product * length); i > 0; i--) writer.Write((float)random.NextDouble());
    }

    private static void WriteHead(BinaryWriter writer, int[] shape)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}), }}";
        header = header.PadRight((10 + header.Length + 1 + 63) / 64 * 64 - 11) + "\n";
        writer.Write([0x93, .. "NUMPY"u8, 1, 0]);
        writer.Write((ushort)header.Length);
        writer.Write(System.Text.Encoding.ASCII.GetBytes(header));
    }
}
