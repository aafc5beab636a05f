namespace Haq.Engine.Runtime.Kernels;

/// <summary>
/// Gradient of a dense two-dimensional convolution with respect to its input. Inputs (dy [N,M,·,·], weights [M,C,kh,kw]); the input's height and width are the attribute
/// <c>size</c>.
/// </summary>
internal sealed unsafe class DenseConvInputGradientKernel(KernelAttributes attributes) : CustomKernel
{
    private readonly int[] _strides = attributes.Integers("strides"), _dilations = attributes.Integers("dilations"), _pads = attributes.Integers("pads"), _size = attributes.Integers("size");

    public override void Compute(in KernelContext context)
    {
        Span<long> dy = stackalloc long[4], w = stackalloc long[4];
        if (context.Shape(0, dy) != 4 || context.Shape(1, w) != 4 || w[0] != dy[1]) throw new InvalidOperationException("needs [N,M,·,·] and [M,C,kh,kw]");
        var geometry = new WindowGeometry(
            _size[0], _size[1], (int)dy[2], (int)dy[3], (int)w[2], (int)w[3], _strides[0], _strides[1], _dilations[0], _dilations[1], _pads[0], _pads[1]);
        if (PointwiseWork.Fits(geometry, VectorBits))
        {
            var pointwise = new PointwiseWork
            {
                Backward = true, Bits = VectorBits, Read = (int)dy[1], Written = (int)w[1], Plane = _size[0] * _size[1], Weights = context.Input(1),
                To = context.Output(0, [dy[0], w[1], _size[0], _size[1]]), Pixels = new PointwisePixels((int)dy[0], (int)dy[1], _size[0] * _size[1], VectorBits, context.Input(0)),
            };
            context.Parallel(pointwise.Pixels.Parts, ref pointwise.Pixels);
            context.Parallel(pointwise.Parts, ref pointwise);
            return;
        }
        var work = new DenseConvWork
        {
            Backward = true, Bits = VectorBits, Batch = (int)dy[0], Read = (int)dy[1], Geometry = geometry, From = context.Input(0),
            To = context.Output(0, [dy[0], w[1], _size[0], _size[1]]), Weights = new DenseWeights(true, geometry, (int)w[1], (int)dy[1], VectorBits, context.Input(1), null),
        };
        context.Parallel(work.Weights.Parts, ref work.Weights);
        work.Plan();
        context.Parallel(work.Parts, ref work);
    }
}
