using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Costs;

/// <summary>Layers of networks that figures were published for, at any width and resolution; from their papers' tables.</summary>
internal static class PublishedNetworks
{
    private const int LeastChannels = 8;

    /// <summary>ResNet-18 at 224x224 (He et al., CVPR 2016, table 1).</summary>
    public static ImmutableArray<LayerShape> ResNet18()
    {
        var shapes = ImmutableArray.CreateBuilder<LayerShape>();
        shapes.Add(LayerShape.Conv2D(3, 64, 7, 2, 224, 112));
        int channels = 64, size = 56;
        foreach (int outputs in (int[])[64, 128, 256, 512])
        {
            int stride = outputs == 64 ? 1 : 2, smaller = size / stride;
            shapes.Add(LayerShape.Conv2D(channels, outputs, 3, stride, size, smaller));
            if (stride > 1) shapes.Add(LayerShape.Conv2D(channels, outputs, 1, stride, size, smaller));
            for (int i = 0; i < 3; i++) shapes.Add(LayerShape.Conv2D(outputs, outputs, 3, 1, smaller, smaller));
            (channels, size) = (outputs, smaller);
        }
        shapes.Add(LayerShape.Dense(512, 1000));
        return shapes.ToImmutable();
    }

    /// <summary>A network by name.</summary>
    /// <param name="name">As the tables of figures call it.</param>
    /// <param name="width">The multiplier of its channels.</param>
    /// <param name="resolution">Of its input.</param>
    /// <param name="classes">Number of outputs.</param>
    public static ImmutableArray<LayerShape> Of(string name, double width, int resolution, int classes) => name switch
    {
        "mobilenet_v1" => [.. MobileNetV1(width, resolution, classes)],
        "mobilenet_v2" => [.. MobileNetV2(width, resolution, classes)],
        "squeezenet_v1.1" => [.. SqueezeNet(resolution, classes)],
        _ => throw new ArgumentException($"no network is called '{name}'", nameof(name)),
    };

    // Howard et al., 2017, table 1.
    private static IEnumerable<LayerShape> MobileNetV1(double width, int resolution, int classes)
    {
        (int Out, int Stride)[] blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];
        int channels = (int)(32 * width), size = resolution / 2;
        yield return LayerShape.Conv2D(3, channels, 3, 2, resolution, size);
        foreach (var (outputs, stride) in blocks)
        {
            yield return LayerShape.Conv2D(channels, channels, 3, stride, size, size / stride, channels);
            size /= stride;
            yield return LayerShape.Conv2D(channels, (int)(outputs * width), 1, 1, size, size);
            channels = (int)(outputs * width);
        }
        yield return LayerShape.Dense(channels, classes);
    }

    // Sandler et al., 2018, table 2; channels in multiples of 8.
    private static IEnumerable<LayerShape> MobileNetV2(double width, int resolution, int classes)
    {
        (int Expansion, int Out, int Repeats, int Stride)[] blocks = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        int channels = Channels(32 * width), size = resolution / 2;
        yield return LayerShape.Conv2D(3, channels, 3, 2, resolution, size);
        foreach (var (expansion, outputs, repeats, firstStride) in blocks)
        {
            for (int i = 0; i < repeats; i++)
            {
                int hidden = channels * expansion, stride = i == 0 ? firstStride : 1, narrow = Channels(outputs * width);
                if (expansion > 1) yield return LayerShape.Conv2D(channels, hidden, 1, 1, size, size);
                yield return LayerShape.Conv2D(hidden, hidden, 3, stride, size, size / stride, hidden);
                size /= stride;
                yield return LayerShape.Conv2D(hidden, narrow, 1, 1, size, size);
                channels = narrow;
            }
        }
        int last = width > 1 ? Channels(1280 * width) : 1280;
        yield return LayerShape.Conv2D(channels, last, 1, 1, size, size);
        yield return LayerShape.Dense(last, classes);
    }

    // Iandola et al., 2016, in version 1.1 of its authors' repository: pooling before fire modules 2, 4 and 6.
    private static IEnumerable<LayerShape> SqueezeNet(int resolution, int classes)
    {
        (int Squeeze, int Expand)[] fires = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
        int size = Pooled(resolution), channels = 64;
        yield return LayerShape.Conv2D(3, channels, 3, 2, resolution, size);
        size = Pooled(size);
        for (int i = 0; i < fires.Length; i++)
        {
            if (i is 2 or 4) size = Pooled(size);
            var (squeeze, expand) = fires[i];
            yield return LayerShape.Conv2D(channels, squeeze, 1, 1, size, size);
            yield return LayerShape.Conv2D(squeeze, expand, 1, 1, size, size);
            yield return LayerShape.Conv2D(squeeze, expand, 3, 1, size, size);
            channels = 2 * expand;
        }
        yield return LayerShape.Conv2D(channels, classes, 1, 1, size, size);

        // A window of 3 in steps of 2 without padding.
        static int Pooled(int extent) => (extent - 3) / 2 + 1;
    }

    // To the nearest multiple of 8, but no more than a tenth below.
    private static int Channels(double exact)
    {
        int rounded = Math.Max(LeastChannels, (int)(exact + LeastChannels / 2.0) / LeastChannels * LeastChannels);
        return rounded < 0.9 * exact ? rounded + LeastChannels : rounded;
    }
}
