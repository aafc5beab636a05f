namespace Haq.Engine.Diagnostics;

/// <summary>One kind of error or warning. Its page is <c>docs/diagnostics/CODE.md</c>.</summary>
/// <param name="Code">For example <c>HAQ0007</c>; HAQ1000 and above are warnings.</param>
/// <param name="Title">What is wrong in general, in one line.</param>
/// <param name="Exit">The exit status of a command that ends with it; <see cref="ExitCode.Ok"/> for warnings.</param>
public sealed record DiagnosticDescriptor(string Code, string Title, ExitCode Exit)
{
    /// <summary>A warning does not end the command.</summary>
    public bool IsWarning => Exit == ExitCode.Ok;

    /// <summary>The error or warning at a place.</summary>
    public Diagnostic At(SourceLocation? location, string message) => new(this, location, message);

    /// <summary>An exception that carries the error.</summary>
    public HaqException Error(SourceLocation? location, string message, Exception? cause = null) => new(At(location, message), cause);

    /// <summary>An exception that carries the error about a whole file.</summary>
    public HaqException Error(string file, string message, Exception? cause = null) => Error(new SourceLocation(file), message, cause);
}
