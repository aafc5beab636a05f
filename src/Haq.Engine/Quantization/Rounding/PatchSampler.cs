using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>Takes the vectors that a layer multiplies with its weights out of the tensor that it reads, at evenly spaced output positions.</summary>
internal sealed class PatchSampler
{
    private readonly FoundLayer _layer;
    private readonly int _positionsPerSample;
    private readonly ConvolutionWindow? _window;

    private PatchSampler(FoundLayer layer, int positionsPerSample, ConvolutionWindow? window) => (_layer, _positionsPerSample, _window) = (layer, positionsPerSample, window);

    /// <summary>Number of groups; each has moments of its own.</summary>
    public int Groups => _layer.Layer.Shape.Groups;

    /// <summary>Values in a group's vector.</summary>
    public int Size => (int)(_layer.Layer.Shape.Weights / _layer.Layer.Shape.Out);

    /// <summary>The sampler of a layer; null for those it does not know: products with a stack of constant matrices, and convolutions of more than three dimensions.</summary>
    public static PatchSampler? Of(FoundLayer layer, int positionsPerSample)
    {
        if (layer.Node.OpType is OpNames.Conv or OpNames.ConvTranspose)
            return ConvolutionWindow.Of(layer) is { } window ? new PatchSampler(layer, positionsPerSample, window) : null;
        return layer.WeightShape.Length == 2 ? new PatchSampler(layer, positionsPerSample, null) : null;
    }

    /// <summary>Adds vectors of every sample in <paramref name="input"/>, [N, C, spatial...] or a product's operand, to the moments, one per group.</summary>
    public void Add(OrtTensor input, ReadOnlySpan<SecondMoment> moments)
    {
        if (_window is { } window) AddPatches(input, window, moments);
        else if (IsAlongColumns) AddColumns(input, moments[0]);
        else AddRows(input, moments[0]);
    }

    // With the constant on the left the activations' columns are multiplied; Gemm may transpose its operands.
    private bool IsAlongColumns => (_layer.WeightInput == 0) != (_layer.Node.Is(OpNames.Gemm) && _layer.Node.Int(_layer.WeightInput == 0 ? "transB" : "transA", 0) != 0);

    private void AddRows(OrtTensor input, SecondMoment moment)
    {
        var values = input.Values<float>();
        int rows = values.Length / Size, samples = (int)Math.Max(1, input.Shape[0]), perSample = Math.Max(1, rows / samples);
        int taken = Math.Min(perSample, _positionsPerSample);
        for (int n = 0; n < rows / perSample; n++)
            for (int t = 0; t < taken; t++) moment.Add(values.Slice((n * perSample + (int)((long)t * perSample / taken)) * Size, Size));
    }

    private void AddColumns(OrtTensor input, SecondMoment moment)
    {
        var values = input.Values<float>();
        int columns = input.Shape.Length < 2 ? 1 : (int)input.Shape[^1], taken = Math.Min(columns, _positionsPerSample);
        for (int matrix = 0; matrix < values.Length; matrix += Size * columns)
        {
            for (int t = 0; t < taken; t++)
            {
                int column = (int)((long)t * columns / taken);
                var vector = moment.Next;
                for (int k = 0; k < Size; k++) vector[k] = values[matrix + k * columns + column];
                moment.Commit();
            }
        }
    }

    private void AddPatches(OrtTensor input, ConvolutionWindow window, ReadOnlySpan<SecondMoment> moments)
    {
        var values = input.Values<float>();
        int channels = (int)input.Shape[1], pixels = (int)(input.Count / input.Shape[0] / channels), perGroup = channels / Groups;
        int positions = window.Positions, taken = Math.Min(positions, _positionsPerSample);
        for (int n = 0; n < input.Shape[0]; n++)
        {
            var sample = values.Slice(n * channels * pixels, channels * pixels);
            for (int t = 0; t < taken; t++)
            {
                // Evenly spaced, and shifted from sample to sample, so that all positions have their turn.
                int position = (int)(((long)t * positions + (n * 37L + moments[0].Count) % positions) / taken % positions);
                for (int g = 0; g < moments.Length; g++)
                {
                    window.Patch(sample[(g * perGroup * pixels)..], perGroup, position, moments[g].Next);
                    moments[g].Commit();
                }
            }
        }
    }
}
