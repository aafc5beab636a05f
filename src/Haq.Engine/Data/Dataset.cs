using System.Buffers;
using System.Collections.Immutable;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data;

/// <summary>A stored data set, preprocessed for one model.</summary>
public sealed class Dataset : IDataset
{
    private readonly ISampleSource _source;
    private readonly int[]? _labels;
    private readonly int _offset;
    private readonly ImmutableArray<(int Array, SampleConverter? Converter)> _inputs;

    private Dataset(FileReference file, ISampleSource source, int[]? labels, int offset, ImmutableArray<InputFit> fits, PreprocessOptions preprocess)
    {
        (Name, At, _source, _labels, _offset) = (file.Text, file.At, source, labels, offset);
        Inputs = [.. fits.Select(f => f.Input)];
        FixedBatch = fits.Select(f => f.Batch).FirstOrDefault(batch => batch is not null);
        _inputs = [.. fits.Select(f => (f.Array, f.Array < 0 ? null : new SampleConverter(source.Arrays[f.Array], f, preprocess)))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public SourceLocation? At { get; }

    /// <inheritdoc/>
    public int Count => _source.Count;

    /// <inheritdoc/>
    public ImmutableArray<TensorInfo> Inputs { get; }

    /// <inheritdoc/>
    public int? FixedBatch { get; }

    /// <inheritdoc/>
    public bool HasLabels => _labels is not null;

    /// <summary>What was noticed and does not stop the work, for example images that were left out.</summary>
    public ImmutableArray<Diagnostic> Warnings { get; private init; } = [];

    /// <summary>Opens a data set for a model: all its samples, whatever <see cref="DatasetOptions.Samples"/> says.</summary>
    /// <param name="options">Where and what it is.</param>
    /// <param name="inputs">The model's inputs, an extent of -1 where the graph leaves it open.</param>
    /// <param name="declared">What the manifest says about them.</param>
    /// <param name="watch">Told how far the listing of its samples is.</param>
    /// <exception cref="HaqException">It cannot be read, or does not fit the model (HAQ0101 to HAQ0109, HAQ0111, HAQ0112).</exception>
    public static Dataset Open(DatasetOptions options, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, ListingProgress? watch = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inputs);
        foreach (var option in declared)
        {
            if (inputs.All(i => i.Name != option.Name))
                throw DiagnosticCatalog.DataInputs.Error(option.At, $"the model has no input '{option.Name}'; it has {string.Join(", ", inputs.Select(i => i.Name))}.");
        }

        var warnings = new List<Diagnostic>();
        var source = SourceOpener.Open(options, inputs, declared, warnings, watch);
        try
        {
            int[] arrays = InputMatching.Match(source.Arrays, inputs, declared);
            ImmutableArray<InputFit> fits = [.. inputs.Select((input, i) =>
                Fit(arrays[i], source, input, declared.FirstOrDefault(o => o.Name == input.Name), options.Preprocess.Layout))];
            RequireOneBatch(fits, inputs, options.Files[0].File);
            return new Dataset(options.Files[0].File, source, source.Labels, OffsetOf(options, source.Labels), fits, options.Preprocess) { Warnings = [.. warnings] };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static InputFit Fit(int array, ISampleSource source, TensorInfo input, InputOptions? option, TensorLayout? layout) =>
        array < 0 ? InputFit.Empty(input, option) : InputFit.Of(array, source.Arrays[array], input, option, layout);

    private static int OffsetOf(DatasetOptions options, int[]? labels)
    {
        if (options.Labels is not { Offset: not 0 and var offset } || labels is null) return 0;
        int least = labels.Min();
        return least + offset >= 0 ? offset : throw DiagnosticCatalog.DataLabels.Error(options.Files[0].File.At,
            $"labels of '{options.Files[0].File.Text}' start at {least}, so that 'offset: {offset}' makes {least + offset} of them; classes are counted from 0.");
    }

    private static void RequireOneBatch(ImmutableArray<InputFit> fits, IReadOnlyList<TensorInfo> inputs, FileReference file)
    {
        if (fits.Where(f => f.Batch is not null).DistinctBy(f => f.Batch).ToArray() is not [var one, var other, ..]) return;
        throw DiagnosticCatalog.DataShape.Error(file.At,
            $"input '{one.Input.Name}' takes {one.Batch} of the samples at a time, '{other.Input.Name}' {other.Batch}. Where inputs share no batch, store samples that are whole inputs: "
            + $"{string.Join(", ", inputs.Select((input, i) => $"'{input.Name}' {DataErrors.Text(fits[i].Batch > 1 ? fits[i].Input.Shape : [.. fits[i].Row.Select(e => (long)e)])}"))}.");
    }

    /// <inheritdoc/>
    public int LabelOf(int sample) => (_labels ?? throw new InvalidOperationException($"'{Name}' has no labels"))[sample] + _offset;

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<int> samples, Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!_source.IsSlow || samples.Length == 1)
        {
            for (int i = 0; i < samples.Length; i++) ReadOne(samples[i], i, batch);
            return;
        }
        int[] numbers = samples.ToArray();
        try
        {
            Parallel.For(0, numbers.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount) }, i => ReadOne(numbers[i], i, batch));
        }
        catch (AggregateException e) when (ParallelFailure.Of(e) is HaqException known)
        {
            throw new HaqException(known.Diagnostic, e);
        }
    }

    private void ReadOne(int sample, int row, Batch batch)
    {
        for (int i = 0; i < _inputs.Length; i++)
        {
            var (array, converter) = _inputs[i];
            if (converter is null) continue;
            byte[] stored = ArrayPool<byte>.Shared.Rent(Math.Max(8, _source.Arrays[array].Bytes));
            try
            {
                _source.Read(array, sample, stored);
                converter.Convert(stored, batch.Inputs[i].Bytes.Slice(row * converter.RowBytes, converter.RowBytes), sample);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(stored);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
