using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Takes the vectors that a layer multiplies with its weights out of the tensor that it reads, at evenly spaced output positions.</summary>
internal sealed class PatchSampler
{
    private readonly FoundLayer _layer;
    private readonly int _positionsPerSample;
    private readonly long[] _strides = [1, 1];
    private readonly long[] _dilations = [1, 1];
    private readonly long[] _pads = [0, 0];
    private readonly int _kernelHeight = 1;
    private readonly int _kernelWidth = 1;

    private PatchSampler(FoundLayer layer, int positionsPerSample)
    {
        (_layer, _positionsPerSample) = (layer, positionsPerSample);
        Groups = layer.Layer.Shape.Groups;
        if (layer.Layer.Shape.Op != OpKind.Conv) return;
        (_kernelHeight, _kernelWidth) = ((int)layer.WeightShape[2], (int)layer.WeightShape[3]);
        _strides = layer.Node.Ints("strides") ?? _strides;
        _dilations = layer.Node.Ints("dilations") ?? _dilations;
        if (layer.Node.Ints("pads") is { } pads) _pads = pads[..2];
    }

    /// <summary>Number of groups; each has moments of its own.</summary>
    public int Groups { get; }

    /// <summary>Values in a group's vector.</summary>
    public int Size => (int)(_layer.Layer.Shape.Weights / _layer.Layer.Shape.Out);

    /// <summary>The sampler of a layer; null for those it does not know: transposed or not two-dimensional convolutions, and constants on the left of a product.</summary>
    public static PatchSampler? Of(FoundLayer layer, int positionsPerSample)
    {
        bool known = layer.Layer.Shape.Op switch
        {
            OpKind.Conv => layer.WeightShape.Length == 4 && layer.Node.Text("auto_pad", "NOTSET") is "NOTSET" or "VALID",
            OpKind.Gemm or OpKind.MatMul => layer.WeightInput == 1 && layer.WeightShape.Length == 2 && layer.Node.Int("transA", 0) == 0,
            _ => false,
        };
        return known ? new PatchSampler(layer, positionsPerSample) : null;
    }

    /// <summary>Adds vectors of every sample in <paramref name="input"/>, [N, C, H, W] or [..., K], to the moments, one per group.</summary>
    public void Add(OrtTensor input, ReadOnlySpan<SecondMoment> moments)
    {
        if (_layer.Layer.Shape.Op == OpKind.Conv) AddPatches(input, moments);
        else AddRows(input, moments[0]);
    }

    private void AddRows(OrtTensor input, SecondMoment moment)
    {
        var values = input.Values<float>();
        int rows = values.Length / Size, samples = (int)Math.Max(1, input.Shape[0]), perSample = Math.Max(1, rows / samples);
        int taken = Math.Min(perSample, _positionsPerSample);
        for (int n = 0; n < rows / perSample; n++)
            for (int t = 0; t < taken; t++) moment.Add(values.Slice((n * perSample + (int)((long)t * perSample / taken)) * Size, Size));
    }

    private void AddPatches(OrtTensor input, ReadOnlySpan<SecondMoment> moments)
    {
        var values = input.Values<float>();
        (int channels, int height, int width) = ((int)input.Shape[1], (int)input.Shape[2], (int)input.Shape[3]);
        var shape = _layer.Layer.Shape;
        (int outHeight, int outWidth) = (shape.OutputSize[0], shape.OutputSize[1]);
        int positions = outHeight * outWidth, taken = Math.Min(positions, _positionsPerSample), perGroup = channels / Groups;
        for (int n = 0; n < input.Shape[0]; n++)
        {
            var sample = values.Slice(n * channels * height * width, channels * height * width);
            for (int t = 0; t < taken; t++)
            {
                // Evenly spaced, and shifted from sample to sample, so that all positions have their turn.
                int position = (int)(((long)t * positions + (n * 37L + moments[0].Count) % positions) / taken % positions);
                (int y, int x) = ((int)(position / outWidth * _strides[0] - _pads[0]), (int)(position % outWidth * _strides[1] - _pads[1]));
                for (int g = 0; g < moments.Length; g++)
                {
                    Patch(sample[(g * perGroup * height * width)..], perGroup, height, width, y, x, moments[g].Next);
                    moments[g].Commit();
                }
            }
        }
    }

    private void Patch(ReadOnlySpan<float> channels, int count, int height, int width, int top, int left, Span<float> patch)
    {
        int at = 0;
        for (int c = 0; c < count; c++)
        {
            var plane = channels.Slice(c * height * width, height * width);
            for (int ky = 0; ky < _kernelHeight; ky++)
            {
                int y = top + ky * (int)_dilations[0];
                for (int kx = 0; kx < _kernelWidth; kx++)
                {
                    int x = left + kx * (int)_dilations[1];
                    patch[at++] = (uint)y < (uint)height && (uint)x < (uint)width ? plane[y * width + x] : 0;
                }
            }
        }
    }
}
