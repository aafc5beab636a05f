using System.CommandLine;
using Haq.Dashboard;
using Haq.Engine.Diagnostics;

var command = DashboardCommand.Create();
var parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"haq-dashboard: {error.Message}");
    Console.Error.WriteLine("Run 'haq-dashboard --help' to see what it takes.");
    return (int)ExitCode.Usage;
}
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (HaqException e)
{
    Console.Error.WriteLine(e.Diagnostic);
    return (int)e.Diagnostic.Descriptor.Exit;
}
catch (OperationCanceledException)
{
    return (int)ExitCode.Ok;
}
