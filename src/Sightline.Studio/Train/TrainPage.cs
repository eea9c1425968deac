using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Data;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Train;

/// <summary><c>/train</c>: what to train, what it needs and costs, and the button that begins it.</summary>
internal sealed class TrainPage(StudioOptions options, DataShelf shelf, TrainPlanner planner, ToolJobs jobs, TimeProvider time)
{
    public void Map(Endpoints pages)
    {
        pages.Get("/train", context => Show(context, TrainForm.Of(context.Request.Query) is { IsEmpty: false } form ? form : First(), StatusCodes.Status200OK));
        pages.Get("/train/plan", Fragment);
        pages.Post("/train/start", Role.Editor, Start);
        pages.Post("/train/measure", Role.Editor, Measure);
        pages.Post("/train/lease", Role.Owner, Lease);
    }

    // The newest data set, so that there is a plan to see.
    private TrainForm First() => new() { Data = shelf.Store.Names().Select(shelf.Find).MaxBy(version => version.CreatedAt)?.Name };

    private async Task Show(HttpContext context, TrainForm form, int status)
    {
        var plan = await planner.Of(form, Measured(context), context.RequestAborted);
        var problems = form.IsEmpty ? new Dictionary<string, string>() : plan.Problems;
        context.Response.StatusCode = status;
        await context.Page(new Page("Train", "/train", form.Command("train plan")), PlanPart.Facts(plan), html =>
        {
            Layout.Heading(html, "Train", "What is left empty is chosen by the data and the model. The plan follows what you fill in; nothing begins before you say so.");
            Form(html, context, plan, problems);
            html.Markup("<section id=\"plan\" aria-labelledby=\"h-plan\">");
            PlanPart.Write(html, context, plan, jobs.CanStart);
            html.Markup("</section><p><a href=\"/jobs\">Commands that were started from here</a></p>");
        });
    }

    // The plan alone, for the script, with the fields' messages.
    private async Task Fragment(HttpContext context)
    {
        var plan = await planner.Of(TrainForm.Of(context.Request.Query), Measured(context), context.RequestAborted);
        var html = new Html();
        PlanPart.Write(html, context, plan, jobs.CanStart);
        await context.Json(new { html = html.ToString(), problems = plan.Problems, address = plan.Form.Address, summary = Summary(plan) });
    }

    private static string? Measured(HttpContext context) => context.Query("measured");

    private static string Summary(TrainPlan plan) => plan switch
    {
        { Problems.Count: > 0 } => string.Join(' ', plan.Problems.Values),
        { Memory: { } memory } => $"{(memory.Fits ? "It fits" : "It does not fit as it is")}{(plan.SecondsHere is { } seconds ? $", about {Words.Duration(seconds)} here" : "")}.",
        _ => "There is no plan yet.",
    };

    private void Form(Html html, HttpContext context, TrainPlan plan, IReadOnlyDictionary<string, string> problems)
    {
        var form = plan.Form;
        html.Markup("<form id=\"train\" class=\"card\" method=\"get\" action=\"/train\" data-plan=\"/train/plan\"><div class=\"fields\">");
        Field(html, "data", "Data", problems, () => html.Add($"<input id=\"f-data\" name=\"data\" list=\"data-known\" autocomplete=\"off\" required value=\"{form.Data}\""), "A stored set, or a folder below the project's.", () => Known(html));
        Field(html, "preset", "Begin with", problems, () => Begin(html, "preset"), "A recipe with measured results.", () => Choices(html, form.Preset, "The defaults", options.Recipes.Keys.Order(StringComparer.Ordinal)));
        foreach (var field in TrainForm.Fields)
        {
            var value = form.Values.GetValueOrDefault(field.Name);
            if (field.Choices.Count > 0)
            {
                Field(html, field.Name, field.Label, problems, () => Begin(html, field.Name), null, () => Choices(html, value, "Automatic", field.Choices));
            }
            else
            {
                Field(html, field.Name, field.Label, problems, () => html.Add($"<input id=\"f-{field.Name}\" name=\"{field.Name}\" inputmode=\"decimal\" value=\"{value}\" placeholder=\"{Placeholder(plan, field.Name)}\""));
            }
        }

        Field(html, "name", "Name of the run", problems, () => html.Add($"<input id=\"f-name\" name=\"name\" value=\"{form.Name}\" placeholder=\"time and model\""));
        Field(html, "more", "Other settings", problems, () => html.Add($"<input id=\"f-more\" name=\"more\" value=\"{form.More}\" placeholder=\"optimizer.weightDecay=0.0001\""), "KEY=VALUE, with blanks between; docs/settings.md lists all.");
        html.Markup("</div><p><label class=\"tick\" for=\"f-pretrained\"><input type=\"checkbox\" id=\"f-pretrained\" name=\"pretrained\" value=\"yes\"");
        html.Markup(form.IsPretrained ? " checked>" : ">");
        html.Markup(" Start from the model's published weights</label></p>");
        if (Measured(context) is { } measured)
        {
            html.Add($"<input type=\"hidden\" name=\"measured\" value=\"{measured}\">");
        }

        html.Markup("<button>Show the plan</button></form>");
    }

    private void Known(Html html)
    {
        html.Markup("<datalist id=\"data-known\">");
        foreach (var name in shelf.Store.Names())
        {
            html.Add($"<option value=\"{name}\"></option>");
        }

        html.Markup("</datalist>");
    }

    // A label, its field's beginning, what is wrong with it, what is in it, and what it is for.
    private static void Field(Html html, string name, string label, IReadOnlyDictionary<string, string> problems, Action begin, string? hint = null, Action? content = null)
    {
        var problem = problems.GetValueOrDefault(name);
        html.Add($"<div><label for=\"f-{name}\">{label}</label>");
        begin();
        html.Add($" aria-describedby=\"t-{name}\"");
        html.Markup(problem is null ? ">" : " aria-invalid=\"true\">");
        content?.Invoke();
        html.Add($"<p class=\"trouble\" id=\"t-{name}\">{problem}</p>");
        if (hint is not null)
        {
            html.Add($"<p class=\"note\">{hint}</p>");
        }

        html.Markup("</div>");
    }

    private static void Begin(Html html, string name) => html.Add($"<select id=\"f-{name}\" name=\"{name}\"");

    private static void Choices(Html html, string? chosen, string none, IEnumerable<string> choices)
    {
        html.Add($"<option value=\"\">{none}</option>");
        foreach (var choice in choices)
        {
            Layout.Choice(html, choice, choice, choice == chosen);
        }

        html.Markup("</select>");
    }

    // What is taken where the field stays empty.
    private static string Placeholder(TrainPlan plan, string name) => plan.Settings is not { } settings ? "automatic" : name switch
    {
        "size" => $"{settings.Preprocessing.CropSize}",
        "epochs" => $"{settings.Options.Epochs}",
        "batch" => $"{settings.Options.BatchSize}",
        "rate" => settings.Options.Optimizer.LearningRate.ToString(CultureInfo.InvariantCulture),
        _ => "automatic",
    };

    private async Task Start(HttpContext context)
    {
        var (form, plan) = await Asked(context);
        if (!plan.CanStart)
        {
            await Show(context, form, StatusCodes.Status400BadRequest);
            return;
        }

        await context.Back(jobs.Start(Training(context, form, plan, [])));
    }

    private async Task Measure(HttpContext context)
    {
        var (form, plan) = await Asked(context);
        if (plan.Settings is null || plan.Problems.Count > 0)
        {
            await Show(context, form, StatusCodes.Status400BadRequest);
            return;
        }

        var id = $"{context.Request.Form["id"]}";
        await context.Back(jobs.Start(new ToolJobs.Order(
            id, $"Measure {plan.Settings.Model}", ["train", "plan", plan.Location!, "--probe", "--json", $"--runs={Path.GetFullPath(options.Runs)}", .. form.Options(Config(id))], // A plan with settings has data.
            form.Command("train plan") + " --probe", $"{form.Address}&measured={id}") { Files = Recipe(form) }));
    }

    private async Task Lease(HttpContext context)
    {
        var (form, plan) = await Asked(context);
        if (!plan.CanStart)
        {
            await Show(context, form, StatusCodes.Status400BadRequest);
            return;
        }

        var offer = $"{context.Request.Form["offer"]}";
        var slash = offer.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1 || !planner.HasOffer(offer[..slash], offer[(slash + 1)..]))
        {
            throw new SettingsException($"'{offer}' is no offer that is known. Load the page again and choose one of those shown.");
        }

        var (cost, hours) = Money.Read(context.Request.Form);
        await context.Back(jobs.Start(Training(context, form, plan, [$"--on={offer}", $"--max-cost={cost}", $"--max-hours={hours}", "--yes"])));
    }

    private async Task<(TrainForm Form, TrainPlan Plan)> Asked(HttpContext context)
    {
        var form = TrainForm.Of(await context.Request.ReadFormAsync(context.RequestAborted));
        return (form, await planner.Of(form, null, context.RequestAborted));
    }

    // The run gets its name here, so that its page is known before it begins.
    private ToolJobs.Order Training(HttpContext context, TrainForm form, TrainPlan plan, IReadOnlyList<string> where)
    {
        var id = $"{context.Request.Form["id"]}";
        var name = form.Name ?? RunFolder.FreeName(options.Runs, time.GetUtcNow(), plan.Settings!.Model); // Only a sound plan comes here.
        return new ToolJobs.Order(
            id, $"Train {name}", ["train", plan.Location!, $"--name={name}", $"--runs={Path.GetFullPath(options.Runs)}", .. form.Options(Config(id)), .. where], // As above.
            string.Join(' ', [(form with { Name = name }).Command("train"), .. where.Select(option => option.Replace('=', ' '))]), $"/runs/{Figures.Url(name)}")
        {
            NextFile = Path.Combine(Path.GetFullPath(options.Runs), name, "run.json"),
            Files = Recipe(form),
        };
    }

    private string Config(string id) => Path.Combine(jobs.Folder(id), "recipe.json");

    private Dictionary<string, string> Recipe(TrainForm form) => form.Preset is { } preset && options.Recipes.TryGetValue(preset, out var json) ? new() { ["recipe.json"] = json } : [];
}
