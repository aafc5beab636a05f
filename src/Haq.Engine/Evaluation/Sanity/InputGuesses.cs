using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Data;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Sanity;

/// <summary>The ways of reading images and tables that people mix up.</summary>
internal static class InputGuesses
{
    private const int MostColumns = 32;

    // Plain, Keras', torchvision's, Caffe's, and what most examples for MNIST use. CIFAR-10's own are too near to torchvision's to be told apart.
    private static readonly (int Channels, double Scale, double[] Mean, double[] Std)[] s_values =
    [
        (0, 1, [0], [1]),
        (0, 255, [0], [1]),
        (0, 127.5, [1], [1]),
        (3, 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        (3, 1, [123.68, 116.78, 103.94], [1]),
        (1, 255, [0.1307], [0.3081]),
    ];

    /// <summary>Channels of the images that a model takes; 1 where it takes others or several inputs.</summary>
    public static int ChannelsOf(OrtSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Inputs.Length == 1 && session.Inputs[0].Shape is { Length: 4 } shape ? (int)Math.Max(shape[1] is 1 or 3 ? shape[1] : shape[3], 1) : 1;
    }

    /// <summary>Every guess that differs from <paramref name="options"/> in one thing, the likeliest first.</summary>
    /// <param name="options">How the manifest reads the data.</param>
    /// <param name="channels">Channels of the model's input.</param>
    /// <param name="columns">Names of a table's columns; empty where the data is no table.</param>
    public static IEnumerable<InputGuess> Of(DatasetOptions options, int channels, ImmutableArray<string> columns)
    {
        ArgumentNullException.ThrowIfNull(options);
        var given = options.Preprocess;
        foreach (int shift in new[] { -1, 1 })
        {
            yield return new InputGuess($"labels: {{offset: {shift.ToString(CultureInfo.InvariantCulture)}}}",
                options with { Labels = (options.Labels ?? new LabelOptions()) with { Offset = (options.Labels?.Offset ?? 0) + shift } }, shift);
        }

        foreach (var (wanted, scale, mean, std) in s_values)
        {
            if (wanted > 0 && wanted != channels) continue;
            if (scale == given.Scale && mean.SequenceEqual(given.Mean) && std.SequenceEqual(given.Std)) continue;
            yield return new InputGuess(Text(scale, mean, std), options with { Preprocess = given with { Scale = scale, Mean = [.. mean], Std = [.. std] } });
        }
        if (channels == 3)
        {
            if (given.Mean.Length == 3 && given.Mean[0] != given.Mean[2])
            {
                yield return new InputGuess($"preprocess: {{mean and std of the other order of colours}}",
                    options with { Preprocess = given with { Mean = [.. given.Mean.Reverse()], Std = [.. given.Std.Reverse()] } });
            }

            var other = given.Color == ColorOrder.Rgb ? ColorOrder.Bgr : ColorOrder.Rgb;
            yield return new InputGuess($"preprocess: {{color: {other.ToString().ToLowerInvariant()}}}", options with { Preprocess = given with { Color = other } });
        }
        foreach (var layout in new TensorLayout?[] { null, TensorLayout.Nchw, TensorLayout.Nhwc })
        {
            if (layout == given.Layout || given.Layout is null) continue;
            yield return new InputGuess($"preprocess: {{layout: {layout?.ToString().ToLowerInvariant() ?? "left out"}}}", options with { Preprocess = given with { Layout = layout } });
        }
        for (int c = 0; c < Math.Min(MostColumns, columns.Length); c++)
        {
            if (columns[c] == options.Labels?.Column) continue;
            string column = (c + 1).ToString(CultureInfo.InvariantCulture);
            yield return new InputGuess($"labels: {{column: {(columns[c].Length > 0 ? columns[c] : column)}}}",
                options with { Labels = (options.Labels ?? new LabelOptions()) with { Column = column } });
        }
    }

    private static string Text(double scale, double[] mean, double[] std)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"scale: {scale}");
        if (mean is not [0]) text += $", mean: {List(mean)}";
        if (std is not [1]) text += $", std: {List(std)}";
        return $"preprocess: {{{text}}}";
    }

    private static string List(double[] values) =>
        values is [var only] ? only.ToString(CultureInfo.InvariantCulture) : $"[{string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";
}
