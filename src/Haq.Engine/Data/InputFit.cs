using System.Collections.Immutable;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>How an array's samples become rows of a model's input: the shape of a row, and whether channels move.</summary>
/// <param name="Array">The array's number in its source.</param>
/// <param name="Input">The input, with its batch extent (-1 where free) and all other extents known.</param>
/// <param name="Row">The shape of one sample in the model's layout.</param>
/// <param name="Move">Channels move from last to first or the other way; or not at all.</param>
/// <param name="Batch">Samples per batch where the model fixes them, 1 where the input has no batch dimension; null where they are free.</param>
/// <param name="ChannelAxis">The axis of <paramref name="Row"/> that per-channel values go along.</param>
internal sealed record InputFit(int Array, TensorInfo Input, ImmutableArray<int> Row, ChannelMove Move, int? Batch, int ChannelAxis)
{
    /// <summary>The input holds no values, such as the past of a sequence that begins: nothing feeds it.</summary>
    public static bool IsEmpty(TensorInfo input, InputOptions? options) => input.Shape.Contains(0) || options?.Shape?.Contains(0) == true;

    /// <summary>The fit of an input that holds no values.</summary>
    /// <exception cref="HaqException">The manifest gives it a shape that the model does not have (HAQ0103).</exception>
    public static InputFit Empty(TensorInfo input, InputOptions? options)
    {
        var shape = Declared(input, options);
        return new InputFit(-1, input with { Shape = shape }, [], ChannelMove.None, shape[0] > 0 ? (int)shape[0] : null, 0);
    }

    /// <summary>Fits an array to an input.</summary>
    /// <exception cref="HaqException">Their shapes do not go together (HAQ0103); the message prints both.</exception>
    public static InputFit Of(int number, SourceArray array, TensorInfo input, InputOptions? options, TensorLayout? layout)
    {
        var shape = Declared(input, options);
        ImmutableArray<int> source = array.Shape;
        if (shape.IsEmpty && array.Elements == 1) return new InputFit(number, input, [], ChannelMove.None, 1, 0);
        if (!shape.IsEmpty)
        {
            ImmutableArray<long> rest = shape.RemoveAt(0);
            if (Match(source, rest, array.IsFlat, layout) is { } fit)
                return new InputFit(number, Info(input, shape[0], fit.Row), fit.Row, fit.Move, shape[0] > 0 ? (int)shape[0] : null, AxisOf(fit.Row, layout));
        }
        // A model without a batch dimension: the whole input is one sample, of the shape that the model or the manifest gives it.
        ImmutableArray<long> whole = options?.Shape is { } given ? [.. given] : shape;
        if (whole.All(e => e > 0) && whole.SequenceEqual(source.Select(e => (long)e)))
            return new InputFit(number, input with { Shape = [.. source.Select(e => (long)e)] }, source, ChannelMove.None, 1, AxisOf(source, layout));
        string name = array.Name.Length > 0 ? $"array '{array.Name}' of '{array.File.Text}'" : $"'{array.File.Text}'";
        throw DiagnosticCatalog.DataShape.Error(array.File.At,
            $"samples of {name} have the shape {DataErrors.Text(source)}, but input '{input.Name}' is {DataErrors.Text(shape)} with the batch first{Advice(input, shape, options)}.");
    }

    private static string Advice(TensorInfo input, ImmutableArray<long> shape, InputOptions? options) =>
        options?.Shape is null && shape.Skip(1).Any(e => e < 0)
            ? $": declare it, for example 'inputs: {{{input.Name}: {DataErrors.Text(shape.Select(e => e < 0 ? 1 : e))}}}'"
            : ": check that the data set belongs to this model, and its 'shape', 'resize' or 'layout'";

    // The manifest's shape fills what the graph leaves open; where both say something, they agree.
    private static ImmutableArray<long> Declared(TensorInfo input, InputOptions? options)
    {
        if (options?.Shape is not { } declared) return input.Shape;
        if (declared.Length != input.Shape.Length || declared.Zip(input.Shape).Any(p => p.Second > 0 && p.First != p.Second))
            throw DiagnosticCatalog.DataShape.Error(options.At, $"the manifest gives input '{input.Name}' the shape {DataErrors.Text(declared)}, the model {DataErrors.Text(input.Shape)}.");
        // The batch stays free where the graph leaves it free: a declared batch is an example of one.
        return [.. declared.Select((extent, d) => d == 0 && input.Shape[0] < 0 ? -1L : extent)];
    }

    private static (ImmutableArray<int> Row, ChannelMove Move)? Match(ImmutableArray<int> source, ImmutableArray<long> wanted, bool isFlat, TensorLayout? layout)
    {
        if (Fill(source, wanted) is { } same) return (same, ChannelMove.None);
        if (source.Length >= 2)
        {
            ImmutableArray<int> toFirst = [source[^1], .. source.Take(source.Length - 1)], toLast = [.. source.Skip(1), source[0]];
            if (layout != TensorLayout.Nhwc && Fill(toFirst, wanted) is { } first) return (first, ChannelMove.ToFirst);
            if (layout != TensorLayout.Nchw && Fill(toLast, wanted) is { } last) return (last, ChannelMove.ToLast);
        }
        if (wanted.Any(e => e < 0)) return null;
        ImmutableArray<int> row = [.. wanted.Select(e => checked((int)e))];
        bool sameWithoutOnes = source.Where(e => e != 1).SequenceEqual(row.Where(e => e != 1));
        bool sameElements = source.Aggregate(1L, (p, e) => p * e) == row.Aggregate(1L, (p, e) => p * e);
        return sameWithoutOnes || (isFlat && sameElements) ? (row, ChannelMove.None) : null;
    }

    private static ImmutableArray<int>? Fill(ImmutableArray<int> source, ImmutableArray<long> wanted) =>
        source.Length == wanted.Length && source.Zip(wanted).All(p => p.Second < 0 || p.First == p.Second) ? source : null;

    private static TensorInfo Info(TensorInfo input, long batch, ImmutableArray<int> row) => input with { Shape = [batch, .. row.Select(e => (long)e)] };

    private static int AxisOf(ImmutableArray<int> row, TensorLayout? layout)
    {
        bool last = layout switch
        {
            TensorLayout.Nhwc => true,
            TensorLayout.Nchw => false,
            _ => row.Length >= 3 && row[0] is not (1 or 3 or 4) && row[^1] is (1 or 3 or 4),
        };
        return last ? Math.Max(0, row.Length - 1) : 0;
    }
}
