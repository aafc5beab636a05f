using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Matrix;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Reporting;
using Haq.Engine.Reporting.Matrix;

namespace Haq.Tool.Matrix;

/// <summary>Builds a matrix, shows how far it is, and writes its summary.</summary>
internal static class MatrixQuantization
{
    private const string Name = "matrix";

    /// <param name="request">What is asked for.</param>
    /// <param name="template">What each build is asked for.</param>
    /// <param name="isJson">The summary goes to standard output as JSON.</param>
    /// <param name="cancellation">Stops the cells that run.</param>
    /// <returns>The worst of the cells' exit statuses.</returns>
    /// <exception cref="HaqException">The matrix as a whole is wrong, or its summary cannot be written.</exception>
    public static ExitCode Run(MatrixRequest request, PipelineOptions template, bool isJson, CancellationToken cancellation)
    {
        var plan = MatrixPlan.Of(request.Manifests, request.Hardware, template);
        string folder = Path.GetFullPath(request.Summary ?? template.OutputFolder ?? plan.Root);
        var jobs = request.Jobs is { } asked ? new MatrixJobs(asked, "as asked for") : MatrixJobs.Default(plan, Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        MatrixResult result;
        using (var view = MatrixViews.For(plan, jobs, request.IsQuiet)) result = new MatrixRun(plan, folder, view) { Jobs = jobs.Count, FailFast = request.FailFast }.Run(cancellation);
        Write(folder, result.Report);
        MatrixText.Complain(result);
        if (isJson) Console.Write(JsonReport.Write(result.Report));
        else if (!request.IsQuiet) MatrixText.Print(result, Path.Combine(folder, Name + ".html"));
        if (result.IsInterrupted) MatrixText.SayInterrupted(result);
        return result.Exit;
    }

    private static void Write(string folder, MatrixReport report)
    {
        Save(".json", JsonReport.Write(report));
        Save(".md", MatrixMarkdown.Write(report));
        Save(".html", MatrixPage.Write(report));

        void Save(string extension, string text) => AtomicFile.Write(Path.Combine(folder, Name + extension), Encoding.UTF8.GetBytes(text));
    }
}
