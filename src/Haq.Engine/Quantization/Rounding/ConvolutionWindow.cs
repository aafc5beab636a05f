using Haq.Engine.Layers;
using Haq.Engine.Onnx;

namespace Haq.Engine.Quantization.Rounding;

/// <summary>What a convolution of one to three dimensions, transposed or not, sees of its input at one position of its output.</summary>
internal sealed class ConvolutionWindow
{
    private const int Rank = 3;

    private readonly int[] _input = [1, 1, 1], _output = [1, 1, 1], _kernel = [1, 1, 1], _strides = [1, 1, 1], _dilations = [1, 1, 1], _pads = [0, 0, 0];
    private readonly bool _transposed;

    private ConvolutionWindow(FoundLayer layer)
    {
        var (shape, node) = (layer.Layer.Shape, layer.Node);
        _transposed = shape.Op == OpKind.ConvTranspose;
        int rank = layer.WeightShape.Length - 2;
        string auto = node.Text("auto_pad", "NOTSET");
        bool computed = auto is "SAME_UPPER" or "SAME_LOWER" || (_transposed && node.Ints("output_shape") is not null);
        for (int d = 0; d < rank; d++)
        {
            int at = Rank - rank + d;
            // Where a layer loops over several maps per sample, the shape has a dimension more in front.
            (_input[at], _output[at], _kernel[at]) = (shape.InputSize[^(rank - d)], shape.OutputSize[^(rank - d)], (int)layer.WeightShape[2 + d]);
            _strides[at] = (int)(node.Ints("strides")?[d] ?? 1);
            _dilations[at] = (int)(node.Ints("dilations")?[d] ?? 1);
            _pads[at] = computed ? Shared(at, auto, node.Ints("output_padding")?[d] ?? 0) : (int)(auto == "VALID" ? 0 : node.Ints("pads")?[d] ?? 0);
        }
    }

    /// <summary>Output positions of a map.</summary>
    public int Positions => _output[0] * _output[1] * _output[2];

    /// <summary>The window of a layer; null for more than three dimensions.</summary>
    public static ConvolutionWindow? Of(FoundLayer layer) => layer.WeightShape.Length is >= 3 and <= Rank + 2 ? new ConvolutionWindow(layer) : null;

    /// <summary>Writes the values under the kernel for <paramref name="count"/> channels, 0 outside of the map, in the order of the weights.</summary>
    public void Patch(ReadOnlySpan<float> channels, int count, int position, Span<float> patch)
    {
        int z = position / (_output[1] * _output[2]), y = position / _output[2] % _output[1], x = position % _output[2];
        int pixels = _input[0] * _input[1] * _input[2], at = 0;
        for (int c = 0; c < count; c++)
        {
            var map = channels.Slice(c * pixels, pixels);
            for (int kz = 0; kz < _kernel[0]; kz++)
            {
                int iz = Index(0, z, kz);
                for (int ky = 0; ky < _kernel[1]; ky++)
                {
                    int iy = Index(1, y, ky);
                    for (int kx = 0; kx < _kernel[2]; kx++)
                    {
                        int ix = Index(2, x, kx);
                        patch[at++] = (iz | iy | ix) < 0 ? 0 : map[(iz * _input[1] + iy) * _input[2] + ix];
                    }
                }
            }
        }
    }

    /// <summary>The input position that a kernel element meets along one dimension; −1 where there is none.</summary>
    private int Index(int d, int output, int k)
    {
        int i;
        if (_transposed)
        {
            // Input i writes to i·stride − pad + k·dilation.
            int from = output + _pads[d] - k * _dilations[d];
            if (from < 0 || from % _strides[d] != 0) return -1;
            i = from / _strides[d];
        }
        else
        {
            i = output * _strides[d] - _pads[d] + k * _dilations[d];
        }
        return (uint)i < (uint)_input[d] ? i : -1;
    }

    /// <summary>The zeros before the map where the operator works them out from the extents: half of all, and the odd one too unless it says SAME_UPPER.</summary>
    private int Shared(int d, string auto, long outputPadding)
    {
        int reach = (_kernel[d] - 1) * _dilations[d] + 1;
        int total = Math.Max(0, _transposed ? (_input[d] - 1) * _strides[d] + (int)outputPadding + reach - _output[d] : (_output[d] - 1) * _strides[d] + reach - _input[d]);
        return auto == "SAME_UPPER" ? total / 2 : total - total / 2;
    }
}
