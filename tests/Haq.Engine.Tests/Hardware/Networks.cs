using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Tests.Hardware;

/// <summary>The layers of published networks at 224x224, from their papers' tables.</summary>
internal static class Networks
{
    /// <summary>MobileNetV1 1.0 (Howard et al., 2017, table 1): 28 layers.</summary>
    public static QuantizableLayer[] MobileNetV1()
    {
        (int Out, int Stride)[] blocks =
            [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];
        var shapes = new List<LayerShape> { LayerShape.Conv2D(3, 32, 3, 2, 224, 112) };
        int channels = 32, size = 112;
        foreach (var (outputs, stride) in blocks)
        {
            shapes.Add(LayerShape.Conv2D(channels, channels, 3, stride, size, size / stride, groups: channels));
            size /= stride;
            shapes.Add(LayerShape.Conv2D(channels, outputs, 1, 1, size, size));
            channels = outputs;
        }
        shapes.Add(LayerShape.Dense(1024, 1000));
        return Of(shapes);
    }

    /// <summary>MobileNetV2 1.0 (Sandler et al., 2018, table 2): 53 layers.</summary>
    public static QuantizableLayer[] MobileNetV2()
    {
        (int Expansion, int Out, int Repeats, int Stride)[] blocks =
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        var shapes = new List<LayerShape> { LayerShape.Conv2D(3, 32, 3, 2, 224, 112) };
        int channels = 32, size = 112;
        foreach (var (expansion, outputs, repeats, firstStride) in blocks)
        {
            for (int i = 0; i < repeats; i++)
            {
                int hidden = channels * expansion, stride = i == 0 ? firstStride : 1;
                if (expansion > 1) shapes.Add(LayerShape.Conv2D(channels, hidden, 1, 1, size, size));
                shapes.Add(LayerShape.Conv2D(hidden, hidden, 3, stride, size, size / stride, groups: hidden));
                size /= stride;
                shapes.Add(LayerShape.Conv2D(hidden, outputs, 1, 1, size, size));
                channels = outputs;
            }
        }
        shapes.Add(LayerShape.Conv2D(channels, 1280, 1, 1, size, size));
        shapes.Add(LayerShape.Dense(1280, 1000));
        return Of(shapes);
    }

    public static QuantizableLayer[] Of(IEnumerable<LayerShape> shapes) => [.. shapes.Select((shape, i) => new QuantizableLayer(i, $"layer{i}", shape, i))];

    public static CostTable Price(string hardware, IReadOnlyList<QuantizableLayer> layers, int? batch = null) =>
        CostTable.Build(HardwareCatalog.Load(hardware, "."), layers, fixedBits: 0, batch);
}
