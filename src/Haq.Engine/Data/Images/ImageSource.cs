using System.Collections.Immutable;
using Haq.Engine.Data.Sources;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;
using Haq.Engine.Yaml;

namespace Haq.Engine.Data.Images;

/// <summary>A folder or zip of images, decoded when they are asked for.</summary>
internal sealed class ImageSource : ISampleSource
{
    private readonly IImageFiles _files;
    private readonly FileReference _set;
    private readonly ImageReader _reader;
    private readonly int[] _kept;

    private ImageSource(IImageFiles files, FileReference set, ImageReader reader, ImageFrame frame, int[] kept, int[]? labels)
    {
        (_files, _set, _reader, _kept) = (files, set, reader, kept);
        Labels = labels is null ? null : [.. kept.Select(i => labels[i])];
        Arrays = [new SourceArray("", null, ElementKind.Uint8, frame.Shape, IsFlat: false, set)];
    }

    public int Count => _kept.Length;

    public ImmutableArray<SourceArray> Arrays { get; }

    public int[]? Labels { get; }

    public bool IsSlow => true;

    public static ISampleSource Open(
        DatasetOptions options, FileReference set, IReadOnlyList<TensorInfo> inputs, ImmutableArray<InputOptions> declared, List<Diagnostic> warnings, Func<IImageFiles> list,
        ListingProgress? watch = null)
    {
        var files = list();
        ImageReader? reader = null;
        try
        {
            if (files.Count == 0)
                throw DiagnosticCatalog.DataImages.Error(set.At, $"'{set.Text}' holds no images (.jpg, .jpeg, .png).");
            int[]? labels = ImageLabels.Of(files, options.Labels, set, watch);
            var input = inputs.FirstOrDefault(i => i.Name == options.Files[0].Input) ?? inputs[0];
            var frame = ImageFrame.For(input, declared.FirstOrDefault(d => d.Name == input.Name), options.Preprocess, set, () => SizeOfFirst(files, set));
            reader = new ImageReader(frame, options.Preprocess.Interpolation);
            var all = new ImageSource(files, set, reader, frame, [.. Enumerable.Range(0, files.Count)], labels);
            if (options.CacheFolder is { } folder) return ImageCache.Open(all, files, folder, options, frame, labels, warnings);
            return options.CorruptShare > 0 ? new ImageSource(files, set, reader, frame, all.Readable(options.CorruptShare, warnings), labels) : all;
        }
        catch (Exception e)
        {
            reader?.Dispose();
            files.Dispose();
            if (e is InvalidDataException or EndOfStreamException) throw DataErrors.Damaged(set, $"something in it cannot be read: {e.Message.TrimEnd('.')}", e);
            if (e is IOException or UnauthorizedAccessException) throw DataErrors.Unreadable(set, e);
            throw;
        }
    }

    public void Read(int array, int sample, Span<byte> destination)
    {
        if (TryRead(_kept[sample], destination) is not { } problem) return;
        throw DiagnosticCatalog.DataImages.Error(_set.At,
            $"image '{_files.NameOf(_kept[sample])}' of '{_set.Text}' cannot be used: {problem}. {(problem.Contains("needed", StringComparison.Ordinal)
                ? "Say how images get their size, for example 'preprocess: {resize: 256, crop: 224}'."
                : "Replace it, or allow a share of such files with 'corrupt: 1 %'.")}");
    }

    /// <summary>Reads an image of the files; what is wrong with it, or null.</summary>
    public string? TryRead(int image, Span<byte> destination)
    {
        try
        {
            return _reader.Read(_files.Read(image), destination);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return "it cannot be read";
        }
    }

    /// <summary>Decodes all images once to find those that cannot be used.</summary>
    private int[] Readable(double share, List<Diagnostic> warnings)
    {
        var problems = new string?[_files.Count];
        Parallel.For(0, problems.Length, () => new byte[Arrays[0].Bytes], (i, _, buffer) =>
        {
            problems[i] = TryRead(i, buffer);
            return buffer;
        }, _ => { });
        return Judge(_set, _files, problems, share, warnings);
    }

    /// <summary>The images without a problem; refuses when too many have one, and warns when some have.</summary>
    public static int[] Judge(FileReference set, IImageFiles files, string?[] problems, double share, List<Diagnostic> warnings)
    {
        int[] bad = [.. Enumerable.Range(0, problems.Length).Where(i => problems[i] is not null)];
        if (bad.Length == 0) return [.. Enumerable.Range(0, problems.Length)];
        string names = string.Join(", ", bad.Take(5).Select(i => $"'{files.NameOf(i)}' ({problems[i]})")) + (bad.Length > 5 ? $" and {bad.Length - 5} more" : "");
        string what = FormattableString.Invariant($"{bad.Length} of {problems.Length} images in '{set.Text}' cannot be used");
        if (bad.Length > share * problems.Length || bad.Length == problems.Length)
            throw DiagnosticCatalog.DataImages.Error(set.At, FormattableString.Invariant($"{what}, more than the {100 * share:G4} % allowed: {names}. Replace them, or allow more with 'corrupt:'."));
        warnings.Add(DiagnosticCatalog.ImagesLeftOut.At(set.At, $"{what} and are left out: {names}."));
        return [.. Enumerable.Range(0, problems.Length).Where(i => problems[i] is null)];
    }

    public FileReference Set => _set;

    public void Dispose()
    {
        _reader.Dispose();
        _files.Dispose();
    }

    /// <summary>The images of a folder or archive.</summary>
    public static IImageFiles Files(FileReference set, ListingProgress? watch)
    {
        try
        {
            return Directory.Exists(set.FullPath) ? new ImageFolder(set.FullPath, watch) : new ImageZip(set.FullPath, watch);
        }
        catch (InvalidDataException e)
        {
            throw DataErrors.Damaged(set, $"it is not a complete zip file: {e.Message.TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DataErrors.Unreadable(set, e);
        }
    }

    private static (int Height, int Width) SizeOfFirst(IImageFiles files, FileReference set)
    {
        if (ImageHeader.Problem(files.Read(0), out int height, out int width) is { } problem)
        {
            throw DiagnosticCatalog.DataImages.Error(set.At,
                $"the first image of '{set.Text}', '{files.NameOf(0)}', gives the model's open input size, but {problem}: declare the size under 'inputs:'.");
        }

        return (height, width);
    }
}
