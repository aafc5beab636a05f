using Onnx;

namespace Haq.Engine.Onnx.Simplification;

/// <summary>Reads sums, products and powers of one tensor and of constants as a polynomial of that tensor, up to its cube.</summary>
internal sealed class PolynomialOf(GraphView view, string variable)
{
    private const int Degrees = 4, Deepest = 12;

    // Exporters round constants to single precision, or to a few digits.
    private const double Tolerance = 1e-4;

    /// <summary>The nodes that were read.</summary>
    public HashSet<NodeProto> Nodes { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>A tensor is the polynomial with these coefficients, from the constant on.</summary>
    public bool Is(string tensor, double[] coefficients) =>
        Read(tensor, 0) is { } found && found.Zip(coefficients).All(p => Math.Abs(p.First - p.Second) <= Tolerance * Math.Abs(p.Second));

    /// <summary>A constant of one number and at most one axis; null for anything else.</summary>
    public static float? Scalar(GraphView view, string tensor) => view.ConstantOf(tensor) is { Dims.Count: <= 1 } constant
        && TensorData.TypeOf(constant) == DataType.Float && view.Floats(tensor) is [var value] ? value : null;

    private double[]? Read(string tensor, int depth)
    {
        if (tensor == variable) return [0, 1, 0, 0];
        if (Scalar(view, tensor) is { } constant) return [constant, 0, 0, 0];
        if (depth == Deepest || view.ProducerOf(tensor) is not { } node || !OpNames.IsStandard(node.Domain) || node.Input.Count != 2) return null;
        if (node.OpType is not (OpNames.Add or OpNames.Sub or OpNames.Mul or OpNames.Div or OpNames.Pow)) return null;
        if (Read(node.Input[0], depth + 1) is not { } a || Read(node.Input[1], depth + 1) is not { } b) return null;
        Nodes.Add(node);
        bool isNumber = b[1..].All(c => c == 0);
        return node.OpType switch
        {
            OpNames.Add => [.. a.Zip(b, (p, q) => p + q)],
            OpNames.Sub => [.. a.Zip(b, (p, q) => p - q)],
            OpNames.Mul => Product(a, b),
            OpNames.Div => isNumber && b[0] != 0 ? [.. a.Select(p => p / b[0])] : null,
            _ => isNumber && b[0] is 2 or 3 ? b[0] == 2 ? Product(a, a) : Product(Product(a, a), a) : null,
        };
    }

    private static double[]? Product(double[]? a, double[]? b)
    {
        if (a is null || b is null) return null;
        double[] product = new double[2 * Degrees - 1];
        for (int i = 0; i < Degrees; i++)
            for (int j = 0; j < Degrees; j++) product[i + j] += a[i] * b[j];
        return product[Degrees..].All(c => c == 0) ? product[..Degrees] : null;
    }
}
